package proc

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/prometheus/procfs"
)

// Listening returns the TCP ports of this machine that a process listens on.
func Listening() (map[int]bool, error) {
	sockets, err := listening()
	ports := map[int]bool{}
	for _, port := range sockets {
		ports[port] = true
	}
	return ports, err
}

// Listening returns the TCP ports that the processes of the tree listen on, ascending.
func (t Tree) Listening() ([]int, error) {
	sockets, err := listening()
	if err != nil {
		return nil, err
	}
	processes, err := t.Processes()
	if err != nil {
		return nil, err
	}
	var ports []int
	for _, pid := range processes {
		proc, err := procfs.NewProc(pid)
		if err != nil {
			continue // it has ended
		}
		files, _ := proc.FileDescriptorTargets() // none of one that has ended
		for _, file := range files {
			if port, listens := sockets[file]; listens {
				ports = append(ports, port)
			}
		}
	}
	slices.Sort(ports)
	return slices.Compact(ports), nil
}

// listening returns the ports of the sockets that listen, by what a descriptor in /proc
// leads to.
func listening() (map[string]int, error) {
	const listen = 10 // TCP_LISTEN
	system, err := procfs.NewDefaultFS()
	if err != nil {
		return nil, err
	}
	//lint:ignore SA1019 netlink, which replaces it, needs a kernel module that not every machine has
	four, err := system.NetTCP()
	if err != nil {
		return nil, err
	}
	//lint:ignore SA1019 as above
	six, err := system.NetTCP6()
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a kernel without IPv6 has no such file
		return nil, err
	}
	ports := map[string]int{}
	for _, socket := range slices.Concat(four, six) {
		if socket.St == listen {
			ports[fmt.Sprintf("socket:[%d]", socket.Inode)] = int(socket.LocalPort)
		}
	}
	return ports, nil
}

package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"time"

	"poolbench/protocol"
	"poolbench/server/internal/counters"
)

// worker serves one connection at a time, and keeps its buffers from one to the next.
type worker struct {
	id       int
	counters *counters.Worker
	reader   *bufio.Reader
	payload  protocol.PayloadReader
}

func newWorker(id int, counters *counters.Worker) *worker {
	return &worker{id: id, counters: counters, reader: bufio.NewReaderSize(nil, protocol.MaxHeader)}
}

// exchange is one request and what has become of it.
type exchange struct {
	*connection
	from   net.Addr
	worker *worker
	op     protocol.Op
	name   string
	bytes  int64 // of payload, on the wire
	owed   int64 // bytes of payload that the client has announced and nobody has read
	sized  bool  // a size has been announced; an error answer would be taken for data
	start  time.Time
	took   time.Duration
}

// handle serves one connection from its first byte to its end.
func (s *Server) handle(w *worker, in incoming) {
	x := &exchange{connection: newConnection(in.TCPConn), from: in.from, worker: w, op: protocol.OpUnknown, start: time.Now()}
	defer x.close()
	if !s.enter(x.connection) {
		return
	}
	defer s.leave(x.connection)
	w.counters.Accept()
	w.reader.Reset(x.connection)

	err := s.answer(x)
	reason, answer := explain(err)
	x.took = time.Since(x.start)
	if x.op == protocol.OpDownload {
		w.counters.AddTCP(protocol.TCPOf(x.tcp))
	}
	// Counted before the connection is closed, so that a client that has seen the
	// end finds its transfer in STATS.
	w.counters.End(reason, x.took)
	if answer != nil && !x.sized {
		// Must not wait for a client that is gone.
		x.limit(s.config.LingerTimeout, 0, errTransferTimeout)
		err = errors.Join(err, protocol.WriteError(x, answer))
	}
	// A client that has more to send gets the time to read the answer first.
	if x.owed > 0 || x.op == protocol.OpUnknown || w.reader.Buffered() > 0 || x.unread() {
		x.linger(s.config.LingerTimeout)
	}
	s.log(x, reason, err)
}

// answer reads the request and does what it asks.
func (s *Server) answer(x *exchange) error {
	x.limit(s.config.HeaderTimeout, 0, errHeaderTimeout)
	request, err := protocol.ReadRequest(x.worker.reader)
	if err != nil {
		return err
	}
	x.name = request.Name
	s.begin(x.connection)
	x.limit(s.config.TransferTimeout, s.config.IdleTimeout, errTransferTimeout)
	switch request.Verb {
	case protocol.VerbUpload:
		x.setOp(protocol.OpUpload)
		return s.receive(x, request)
	case protocol.VerbGet:
		x.setOp(protocol.OpDownload)
		return s.send(x)
	default:
		x.setOp(protocol.OpStats)
		return s.sendStats(x)
	}
}

func (x *exchange) setOp(op protocol.Op) {
	x.op = op
	x.worker.counters.SetOp(op)
}

// receive stores an upload.
func (s *Server) receive(x *exchange, request protocol.Request) error {
	x.owed = request.Size
	if request.Size > s.config.MaxUpload {
		return with(protocol.ErrPayloadTooLarge, "%d bytes, the most is %d", request.Size, s.config.MaxUpload)
	}
	if err := checkName(request.Name); err != nil {
		return err
	}
	// Before the storage is touched: a client measures its wait for a worker, not
	// the disk.
	if err := protocol.WriteReady(x); err != nil {
		return err
	}
	file, err := s.storage.create(request.Name, x.worker.counters)
	if err != nil {
		return err
	}
	defer file.abandon()
	file.sum = request.HasCRC32C
	payload := &x.worker.payload
	payload.Reset(x.worker.reader, request.Size)
	_, err = payload.WriteTo(file)
	x.bytes = payload.Taken()
	x.owed -= x.bytes
	x.worker.counters.BytesIn.Add(x.bytes)
	if err != nil {
		return err
	}
	// Both are zero if the client has sent none.
	if file.crc32c != request.CRC32C {
		return with(protocol.ErrChecksum, "crc32c %08x was announced, %08x came", request.CRC32C, file.crc32c)
	}
	if err := file.commit(); err != nil {
		return err
	}
	return protocol.WriteComplete(x)
}

// send sends a stored file.
func (s *Server) send(x *exchange) error {
	file, size, err := s.storage.open(x.name)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := x.announce(size); err != nil {
		return err
	}
	x.bytes, err = x.connection.send(file, size)
	x.worker.counters.BytesOut.Add(x.bytes)
	return err
}

func (s *Server) sendStats(x *exchange) error {
	stats, err := json.Marshal(s.Stats())
	if err != nil {
		return err
	}
	if err := x.announce(int64(len(stats))); err != nil {
		return err
	}
	_, err = x.Write(stats)
	return err
}

// announce says how many bytes follow.
func (x *exchange) announce(size int64) error {
	x.sized = true
	return protocol.WriteSize(x, size)
}

// log writes the line of an exchange that has ended.
func (s *Server) log(x *exchange, reason protocol.Reason, err error) {
	level := slog.LevelInfo
	if reason != protocol.ReasonOK {
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{
		slog.String("op", string(x.op)), slog.String("name", x.name), slog.Int64("bytes", x.bytes),
		slog.Duration("took", x.took), slog.Int("worker", x.worker.id),
		slog.String("client", x.from.String()), slog.String("end", string(reason)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	s.config.Logger.LogAttrs(context.Background(), level, "transfer", attrs...)
}

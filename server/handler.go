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
)

// worker is the place of one connection at a time, with the buffers that it
// keeps from one to the next.
type worker struct {
	id       int
	counters *counters
	reader   *bufio.Reader
	payload  protocol.PayloadReader
}

func newWorker(id int, counters *counters) *worker {
	return &worker{id: id, counters: counters, reader: bufio.NewReaderSize(nil, protocol.MaxHeader)}
}

// exchange is one request and what became of it.
type exchange struct {
	*connection
	from   net.Addr
	worker *worker
	op     op
	name   string
	bytes  int64 // of payload, on the wire
	owed   int64 // bytes of payload that the client has announced and nobody has read
	sized  bool  // bytes have been announced, so that an answer would pass for them
	start  time.Time
	took   time.Duration
}

// handle serves one connection from its first byte to its end.
func (s *Server) handle(w *worker, in incoming) {
	x := &exchange{connection: newConnection(in.TCPConn), from: in.from, worker: w, start: time.Now()}
	defer x.close()
	if !s.enter(x.connection) {
		return
	}
	defer s.leave(x.connection)
	w.counters.accept()
	w.reader.Reset(x.connection)

	err := s.answer(x)
	reason, answer := explain(err)
	x.took = time.Since(x.start)
	// Counted before the connection is closed: a client that has seen it close
	// finds its transfer in the figures.
	w.counters.count(x.op, reason, x.took)
	if answer != nil && !x.sized {
		// What is said here is not allowed to wait for a client that is gone.
		x.limit(lingerTimeout, 0, errTransferTimeout)
		err = errors.Join(err, protocol.WriteError(x, answer))
	}
	// A client that has more to send gets the time to read the answer first.
	if reason != reset && (x.owed > 0 || x.op == opRequest || w.reader.Buffered() > 0 || x.unread()) {
		x.linger()
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
	if !s.begin(x.connection) {
		return net.ErrClosed
	}
	x.limit(s.config.TransferTimeout, s.config.IdleTimeout, errTransferTimeout)
	switch request.Verb {
	case protocol.VerbUpload:
		x.turn(opUpload)
		return s.receive(x, request)
	case protocol.VerbGet:
		x.turn(opDownload)
		return s.send(x)
	default:
		x.turn(opStats)
		return s.tell(x)
	}
}

// turn notes what the request turned out to be.
func (x *exchange) turn(o op) {
	x.op = o
	x.worker.counters.turn(o)
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
	// The client's wait is for a worker, so it ends before the storage is asked.
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
	x.worker.counters.bytesIn.Add(x.bytes)
	if err != nil {
		return err
	}
	if request.HasCRC32C && file.crc32c != request.CRC32C {
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
	x.worker.counters.bytesOut.Add(x.bytes)
	return err
}

// tell sends the server's figures.
func (s *Server) tell(x *exchange) error {
	figures, err := json.Marshal(s.Stats())
	if err != nil {
		return err
	}
	if err := x.announce(int64(len(figures))); err != nil {
		return err
	}
	_, err = x.Write(figures)
	return err
}

// announce says how many bytes follow.
func (x *exchange) announce(size int64) error {
	x.sized = true
	return protocol.WriteSize(x, size)
}

// log writes the line of an exchange that has ended.
func (s *Server) log(x *exchange, r reason, err error) {
	level := slog.LevelInfo
	if r != succeeded {
		level = slog.LevelWarn
	}
	if !s.config.Logger.Enabled(context.Background(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("op", x.op.String()), slog.String("name", x.name), slog.Int64("bytes", x.bytes),
		slog.Duration("took", x.took), slog.Int("worker", x.worker.id),
		slog.String("client", x.from.String()), slog.String("end", r.String()),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	s.config.Logger.LogAttrs(context.Background(), level, "transfer", attrs...)
}

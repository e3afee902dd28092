package page

import (
	"net"
	"net/http"
	"time"
)

// Listen answers at an address until the returned function is called. A port of 0 is one that is free; at is the
// address as it came to be.
func Listen(address string, handler http.Handler) (at string, end func(), err error) {
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	go server.Serve(socket)
	return socket.Addr().String(), func() { server.Close() }, nil
}

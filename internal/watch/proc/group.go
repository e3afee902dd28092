package proc

import (
	"net/netip"
	"path"
	"strconv"
)

// Group is what descriptors have in common: kind, then state of a socket, then the path, directory or peer. The zero
// Group stands for all descriptors. Groups are compared with ==.
type Group struct {
	// Narrow is false for the group of all descriptors only, so that the zero value means them.
	Narrow bool
	Kind   Kind
	// State is that of a socket: "ESTABLISHED", "CLOSE_WAIT", …, "UNIX", "UDP", "UNBOUND"; empty for all.
	State string
	// Where is a path, a directory with a closing slash, a peer's address, or who connects to which of our ports;
	// empty for all.
	Where string
}

// Parent is the next wider group; that of all descriptors is its own.
func (g Group) Parent() Group {
	switch {
	case g.Where != "" && g.Kind != Socket && !isDir(g.Where):
		return Group{Narrow: true, Kind: g.Kind, Where: dirOf(g.Where)}
	case g.Where != "":
		return Group{Narrow: true, Kind: g.Kind, State: g.State}
	case g.State != "":
		return Group{Narrow: true, Kind: g.Kind}
	}
	return Group{}
}

// IsDir says whether the group is all files of one directory.
func (g Group) IsDir() bool { return g.Kind != Socket && isDir(g.Where) }

func isDir(where string) bool { return where != "" && where[len(where)-1] == '/' }

func dirOf(name string) string {
	dir := path.Dir(name)
	if dir == "/" {
		return dir
	}
	return dir + "/"
}

// Class says how far away a peer is. Metrics carry it instead of addresses, of which there may be any number.
type Class string

// The classes of peers.
const (
	NoPeer    Class = "none"
	Local     Class = "unix"
	Loopback  Class = "loopback"
	LinkLocal Class = "link_local"
	Private   Class = "private"
	Public    Class = "public"
)

// shared is the space between providers and their customers (RFC 6598); it is not routed, so it counts as private.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// ClassOf gives the class of an address; that of the unspecified address is NoPeer.
func ClassOf(addr netip.Addr) Class {
	addr = addr.Unmap()
	switch {
	case !addr.IsValid() || addr.IsUnspecified():
		return NoPeer
	case addr.IsLoopback():
		return Loopback
	case addr.IsLinkLocalUnicast() || addr.IsLinkLocalMulticast():
		return LinkLocal
	case addr.IsPrivate() || shared.Contains(addr):
		return Private
	}
	return Public
}

// SocketClass is what metrics tell of a socket.
type SocketClass struct {
	State string
	Peer  Class
}

// whereOf names the other end of a socket. Who connects to us comes from a new port each time, so that the port is left
// out and ours is named.
func whereOf(remote netip.AddrPort, local uint16, inbound bool) string {
	if !remote.Addr().IsValid() || remote.Addr().IsUnspecified() {
		return ""
	}
	if inbound {
		return remote.Addr().Unmap().String() + " to :" + strconv.Itoa(int(local))
	}
	return netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port()).String()
}

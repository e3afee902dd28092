//go:build !linux

package proc

import "time"

// details is what only Linux has.
type details struct{ open int }

func newDetails(string, int) (*details, error) { return nil, ErrUnsupported }

func (d *details) close() {}

func (d *details) count() (int, error) { return 0, ErrUnsupported }

func (d *details) read() (map[Group]int, map[SocketClass]int, time.Duration, error) {
	return nil, nil, 0, ErrUnsupported
}

func (d *details) kin() (children, zombies int) { return 0, 0 }

package wire

// Log collects the events of one call of a decoder, each with the offset at which it was seen, and remembers once the
// connection cannot be read any more. The zero value is that of a connection that has not begun.
type Log struct {
	// Events are those of the current call.
	Events []Event
	// Offset is how much of what was fed has been read.
	Offset int
	// Blind is true once nothing is read any more.
	Blind bool
}

// Begin starts a call.
func (l *Log) Begin() { l.Events, l.Offset = l.Events[:0], 0 }

// More says whether there is something left to read of what was fed.
func (l *Log) More(p []byte) bool { return !l.Blind && l.Offset < len(p) }

// Emit adds an event at the current offset.
func (l *Log) Emit(e Event) {
	e.Offset = l.Offset
	l.Events = append(l.Events, e)
}

// Blinded says, once, why nothing that follows can be read. quiet is that of Event.
func (l *Log) Blinded(why string, quiet bool) {
	if !l.Blind {
		l.Blind = true
		l.Emit(Event{Kind: Blind, Note: why, Quiet: quiet})
	}
}

// Refuse says why the connection is to be closed.
func (l *Log) Refuse(why string) {
	l.Blind = true
	l.Emit(Event{Kind: Refuse, Note: why})
}

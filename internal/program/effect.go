package program

// effectNames are the names of the design's table.
var effectNames = [effects]string{
	Wait: "wait", Repeat: "repeat", Write: "external write", Block: "block", Acquire: "acquire", Share: "share",
	Decide: "decide", Admit: "admit", Spawn: "spawn", Remote: "depend on a remote", Import: "import",
}

// Effects lists every effect in the order of the design's table.
func Effects() []Effect {
	all := make([]Effect, 0, effects-1)
	for e := NoEffect + 1; e < effects; e++ {
		all = append(all, e)
	}
	return all
}

// String gives the effect's name for people.
func (e Effect) String() string {
	if e < effects {
		return effectNames[e]
	}
	return "unknown effect"
}

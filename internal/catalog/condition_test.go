package catalog

import "testing"

func TestParseCondition(t *testing.T) {
	for text, want := range map[string]Condition{
		"block=False":         {Name: "block", Position: -1, Value: "False"},
		"block@0=False":       {Name: "block", Position: 0, Value: "False"},
		"type@1=SOCK_DGRAM":   {Name: "type", Position: 1, Value: "SOCK_DGRAM"},
		"flags@0~NOBLOCK":     {Name: "flags", Position: 0, Value: "NOBLOCK", Mentions: true},
		"mode='r'":            {Name: "mode", Position: -1, Value: "'r'"},
		"return_when=A_B":     {Name: "return_when", Position: -1, Value: "A_B"},
		"operation@1~LOCK_UN": {Name: "operation", Position: 1, Value: "LOCK_UN", Mentions: true},
	} {
		if got, err := ParseCondition(text); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "block", "=False", "block=", "block@=False", "block@x=False", "@0=False", "block@-1=False"} {
		if got, err := ParseCondition(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

// Package agent is the ear inside the program under test: a Python module that says which test runs, and which line
// waits for an answer.
//
// The module is found through PYTHONPATH and PYTEST_PLUGINS for one run only, nothing is installed. It speaks to a
// Server over a loopback connection with a token of the session. It imports ledger and wire. Invariant: a program without the agent (python -I, another
// language) runs as ever; what is then not known is not guessed. Entry points: Write, NewServer.
package agent

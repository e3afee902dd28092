import queue
class Node:
    left: "Node"
    both: dict[str, "Node | None"] = {}
    kind: Literal["a", "Node"]
    size: Annotated["int", "bytes"]
    odd: "not an expression"
    call: "field(default='Node')"

    def join(self, other: "Node", q: 'queue.Queue["int"]') -> "list[Node]":
        (self.x): "Node" = other
        (plain): "Node"
        local: r"Node" = lambda: plain

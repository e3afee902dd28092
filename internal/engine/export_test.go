package engine

// AnyPart lets comparisons look at a part of trees of any size.
func AnyPart(q *Request) { q.anyPart = true }

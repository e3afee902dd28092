// Package trend says whether a series of counts only ever grows, how fast, and when it reaches its limit.
//
// It imports nothing of the project and knows no clock: a point carries its time. All of it is arithmetic.
//
// Invariant: a series is called rising only when four things hold together, because each alone is true of healthy
// services as well: the slope of Theil and Sen is positive, the test of Mann and Kendall is beyond chance (with the
// correction for points that depend on their neighbours), the lower envelope climbs from part to part up to the end,
// and the pace has not slackened. So a sawtooth (the envelope is flat), a step and a spike (flat parts), and a warm-up
// (slackens) stay silent, and so do fewer than MinPoints points.
//
// Entry points: Series to collect, Judge to decide, Exhaustion for what is left.
package trend

package judge

import "math"

// falseAlarms is the probability with which noise without a trend may be taken
// for growth in one verdict, however often it is looked at: 1 in 1 000.
const falseAlarms = 0.001

// tests is the number of ways in which one look can accuse: four channels, each
// over three windows.
const tests = 4 * 3

// confidence is the normal quantile of the lower bound that accuses, at the k-th
// look at a channel. The interval that is reported, and whose upper end acquits,
// is that of one look, 98 %.
// Who looks after every round and stops when it suits errs more often than one
// look would; so the k-th look is given falseAlarms ÷ (k·(k+1)), which sums up
// to falseAlarms over all looks (alpha spending by a union bound; Howard and
// Ramdas, 2021, have sharper sequences for signals that are not ranks). Ten
// checkpoints, at which every pair must grow, are the fewest that can accuse.
func confidence(look int) float64 {
	k := float64(max(1, look))
	return math.Sqrt2 * math.Erfinv(1-2*falseAlarms/tests/(k*(k+1)))
}

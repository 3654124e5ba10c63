package main

import "math"

// upperBound is the one-sided 95 % upper bound of the probability of an event
// that was seen k times in n tries (Clopper and Pearson, 1934): the probability
// under which k or fewer would be seen with 5 % only. For k = 0 it is
// 1 − 0.05^(1/n); without a try it is 1.
func upperBound(k, n int) float64 {
	low, high := 0.0, 1.0
	for range 60 { // halvings, past the precision of a float64
		p := (low + high) / 2
		if atMost(k, n, p) > 0.05 {
			low = p
		} else {
			high = p
		}
	}
	return high
}

// atMost is the probability of k events or fewer in n tries of probability
// 0 < p < 1.
func atMost(k, n int, p float64) float64 {
	if k >= n {
		return 1
	}
	sum := 0.0
	for i := range k + 1 {
		sum += math.Exp(logChoose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// logChoose is the logarithm of the number of ways to choose k of n.
func logChoose(n, k int) float64 {
	return logFactorial(n) - logFactorial(k) - logFactorial(n-k)
}

func logFactorial(n int) float64 {
	v, _ := math.Lgamma(float64(n) + 1)
	return v
}

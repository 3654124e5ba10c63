package blame

import "slices"

const (
	// minGivenBack is the fewest sampled objects that a site gives back: a container
	// that is copied as it grows gives back one, and so do two by chance.
	minGivenBack = 3
	// maxContainers is the objects a request below which a site makes containers
	// rather than what is put into them.
	maxContainers = 0.1
)

// markTransient marks the sites that hold no leak, such as those of a cache that
// forgets after a while, however full it is in the last profile: those that gave
// back what they had in use, and in their functions the containers of it, which
// have no part in a leak either but, as maps, do not shrink.
func markTransient(sites []*site, t *table) {
	functions := make(map[string]bool)
	for _, s := range sites {
		if s.gaveBack(t.lastRest) {
			s.transient = true
			functions[s.at.Function] = true
		}
	}
	for _, s := range sites {
		if functions[s.at.Function] && s.objects < maxContainers*growth(t.requests) {
			s.transient = true
		}
	}
}

// gaveBack tells whether a site fell by more than half of what it held: of the most
// that it had in use up to the end of the fall, or up to the last rest, in which it
// could have fallen. What comes after is too new to be given back. No sampling makes
// a fall: an object that was sampled stays so until it is freed.
func (s *site) gaveBack(lastRest int) bool {
	outlasted := slices.Max(s.values[:lastRest+1])
	most := 0
	for i, v := range s.values {
		if v > s.values[most] {
			most = i
		}
		fall, objects := s.values[most]-v, s.sampled[most]-s.sampled[i]
		if fall > max(s.values[most], outlasted)/2 && objects >= minGivenBack-0.5 {
			return true
		}
	}
	return false
}

// recalled is the transient sites as ones that may be candidates: where no other
// leads, the leak is what they did not give back. None is proven any more, but what
// grew for certain at least rose.
func recalled(transient []*site) []*site {
	for _, s := range transient {
		s.transient, s.risen = false, s.risen || s.proven
		s.proven, s.low = false, min(s.low, 0)
	}
	return transient
}

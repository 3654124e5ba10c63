package journal

import "encoding/json"

// envelope is an event as a line of the journal.
type envelope struct {
	Event string          `json:"event"`
	Data  json.RawMessage `json:"data"`
}

func encode(e Event) ([]byte, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	line, err := json.Marshal(envelope{Event: e.kind(), Data: data})
	return append(line, '\n'), err
}

// decode reads a line of the journal. It is nil for a kind that is not known:
// a newer leaklab may write more.
func decode(line []byte) (Event, error) {
	var l envelope
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, err
	}
	switch l.Event {
	case Started{}.kind():
		return as[Started](l.Data)
	case SelfTested{}.kind():
		return as[SelfTested](l.Data)
	case Checkpoint{}.kind():
		return as[Checkpoint](l.Data)
	case Loaded{}.kind():
		return as[Loaded](l.Data)
	case Judged{}.kind():
		return as[Judged](l.Data)
	case Died{}.kind():
		return as[Died](l.Data)
	case Timeline{}.kind():
		return as[Timeline](l.Data)
	case Warned{}.kind():
		return as[Warned](l.Data)
	case Finished{}.kind():
		return as[Finished](l.Data)
	}
	return nil, nil
}

func as[E Event](data []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, err
	}
	return e, nil
}

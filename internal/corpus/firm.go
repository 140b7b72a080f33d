package corpus

type story struct{}

// Firm is the demonstration firm.
func Firm() Office { return Office{} }

// Materials are the matter's documents in the order in which they were received.
func Materials(m Matter) []Document { return nil }

// StateSecretSample is a paper that bears invented marks of a state secret.
func StateSecretSample() Sample { return Sample{} }

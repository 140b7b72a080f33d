package access

func (l *lint) invariants(r *Rules) {}

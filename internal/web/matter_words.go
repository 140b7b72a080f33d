package web

import "mijuan/internal/matter"

func dutyName(d matter.Duty) string { return matter.DutyNames[d] }

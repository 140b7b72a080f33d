package render

import "container/list"

// recent keeps the last used values up to a total weight; what falls out is given to gone.
type recent[V any] struct {
	most, weight int64
	gone         func(V)
	byName       map[string]*list.Element
	order        *list.List // of *kept[V], last used first
}

type kept[V any] struct {
	name   string
	value  V
	weight int64
}

func newRecent[V any](most int64, gone func(V)) *recent[V] {
	return &recent[V]{most: most, gone: gone, byName: map[string]*list.Element{}, order: list.New()}
}

func (r *recent[V]) get(name string) (v V, ok bool) {
	e, ok := r.byName[name]
	if !ok {
		return v, false
	}
	r.order.MoveToFront(e)
	return e.Value.(*kept[V]).value, true
}

// put keeps a value under a name that is not kept yet. One that is too heavy by itself is not kept.
func (r *recent[V]) put(name string, v V, weight int64) {
	if weight > r.most {
		r.gone(v)
		return
	}
	r.byName[name] = r.order.PushFront(&kept[V]{name, v, weight})
	for r.weight += weight; r.weight > r.most; {
		r.remove(r.order.Back())
	}
}

func (r *recent[V]) drop(name string) {
	if e, ok := r.byName[name]; ok {
		r.remove(e)
	}
}

func (r *recent[V]) remove(e *list.Element) {
	k := r.order.Remove(e).(*kept[V])
	delete(r.byName, k.name)
	r.weight -= k.weight
	r.gone(k.value)
}

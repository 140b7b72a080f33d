package corpus

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
)

var office = sync.OnceValue(found)

// Firm is the demonstration firm. Matters stand in the order in which they were opened.
func Firm() Office {
	o := *office()
	o.Persons, o.Clients = slices.Clone(o.Persons), slices.Clone(o.Clients)
	o.Matters, o.Walls = slices.Clone(o.Matters), slices.Clone(o.Walls)
	return o
}

func found() *Office {
	o := &Office{Name: "江澜衡砚律师事务所", Short: "衡砚", City: "江澜市", Domain: "hengyan.example",
		Address: "江澜市麓湖新区汇金里 9901 号砚台大厦 18 层", Phone: landline(chanceOf("firm"))}
	for _, r := range rows("persons.txt") {
		o.Persons = append(o.Persons, newPerson(o, r))
	}
	for _, r := range rows("clients.txt") {
		o.Clients = append(o.Clients, newClient(r))
	}
	for _, s := range stories() {
		o.Matters = append(o.Matters, newMatter(o, s))
	}
	slices.SortFunc(o.Matters, func(a, b Matter) int {
		return cmp.Or(cmp.Compare(b.OpenedAt, a.OpenedAt), strings.Compare(a.Number, b.Number))
	})
	for _, r := range rows("walls.txt") {
		o.Walls = append(o.Walls, Wall{Matter: r[0], Login: r[1], SetBy: r[2], Reason: r[3]})
	}
	return o
}

func newPerson(o *Office, r []string) Person {
	c := chanceOf("person", r[0])
	p := Person{Login: r[0], Name: r[1], Title: r[4], Department: r[5], Mail: r[0] + "@" + o.Domain, Phone: mobile(c)}
	for post := range strings.SplitSeq(r[3], ",") {
		p.Posts = append(p.Posts, access.Post(post))
	}
	if year := whole(r[6]); year > 0 {
		p.Licence = licence(c, year, r[2] == "男")
	}
	return p
}

func newClient(r []string) Client {
	representative, id := identify(r[1], r[2], r[4])
	return Client{Key: r[0], Kind: r[1], Name: r[2], Short: r[3], Representative: representative, Address: r[5],
		Identity: id, Phone: mobile(chanceOf("phone", r[2]))}
}

// identify makes the number that somebody of that name carries. About a company the text names its representative, about a
// person sex and year of birth (女 1986).
func identify(kind, name, about string) (representative, id string) {
	c := chanceOf("identity", name)
	switch kind {
	case "company":
		return about, creditCode(c)
	case "person":
		sex, year, _ := strings.Cut(about, " ")
		born := time.Date(whole(year), time.Month(1+c.IntN(12)), 1+c.IntN(28), 0, 0, 0, 0, beijing)
		return "", personID(c, born, sex == "男")
	default:
		return about, ""
	}
}

func newMatter(o *Office, s *source) Matter {
	m := Matter{Number: s.value("number"), Kind: s.value("kind"), Cause: s.value("cause"), Title: s.value("title"),
		Client: o.client(s.value("client")), OpenedAt: days(s.number("opened")), Closed: s.value("closed") != ""}
	parties := map[string]Party{}
	for _, line := range s.head["party"] {
		key, p := newParty(m.Client, strings.Split(line, "|"))
		parties[key] = p
		m.Parties = append(m.Parties, p)
	}
	for place := range strings.SplitSeq(s.value("team"), " ") {
		m.Team = append(m.Team, newMember(place))
	}
	m.story = newStory(s, parties)
	sc := &scene{matter: m, story: m.story, office: o, luck: chanceOf("summary", m.Number)}
	m.Summary = strings.Join(sc.section("summary"), "")
	return m
}

func newParty(client Client, f []string) (key string, p Party) {
	if f[2] == "@client" {
		return f[0], Party{Role: f[1], Kind: client.Kind, Name: client.Name, Short: client.Short, Identity: client.Identity,
			Representative: client.Representative, Address: client.Address, Client: true}
	}
	representative, id := identify(f[2], f[3], f[5])
	return f[0], Party{Role: f[1], Kind: f[2], Name: f[3], Short: f[4], Representative: representative, Address: f[6], Identity: id}
}

// newMember reads login:duty:clearance, with an exclamation mark for the need-to-know list.
func newMember(s string) Member {
	f := strings.Split(s, ":")
	level := strings.TrimSuffix(f[2], "!")
	return Member{Login: f[0], Duty: f[1], Clearance: classification.Level(whole(level)), Listed: level != f[2]}
}

func whole(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("corpus: %v", err))
	}
	return n
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func (o *Office) person(login string) Person {
	i := slices.IndexFunc(o.Persons, func(p Person) bool { return p.Login == login })
	if i < 0 {
		panic("corpus: nobody is called " + login)
	}
	return o.Persons[i]
}

func (o *Office) client(key string) Client {
	i := slices.IndexFunc(o.Clients, func(c Client) bool { return c.Key == key })
	if i < 0 {
		panic("corpus: no client is called " + key)
	}
	return o.Clients[i]
}

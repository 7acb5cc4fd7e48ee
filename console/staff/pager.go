package staff

import (
	"net/url"
	"strconv"
)

// pager is a part of a long list: rows From to, not including, To of All.
type pager struct {
	From, To, All int
	Newer, Older  string // addresses; empty at the ends
}

// pageRows is how many rows of a long list a page shows.
const pageRows = 50

// First is the number of the first row, as people count.
func (p pager) First() int { return min(p.From+1, p.All) }

// pager reads from the address which part of a list is asked for. A number that makes no sense shows the beginning.
func (v *visitor) pager(all int) pager {
	asked := v.r.URL.Query()
	from, _ := strconv.Atoi(asked.Get("from"))
	if from < 0 || from >= all {
		from = 0
	}
	p := pager{From: from, To: min(from+pageRows, all), All: all}
	link := func(n int) string {
		q := url.Values{}
		for name, values := range asked {
			q[name] = values
		}
		q.Set("from", strconv.Itoa(n))
		return v.r.URL.Path + "?" + q.Encode()
	}
	if from > 0 {
		p.Newer = link(max(0, from-pageRows))
	}
	if p.To < all {
		p.Older = link(p.To)
	}
	return p
}

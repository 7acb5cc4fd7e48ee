package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"kapflow/care/money"
	"kapflow/worker/wiring"
)

type plansCommand struct {
	Infusions int    `arg:"" optional:"" default:"6" help:"How many infusions the client plans, 1 to 60."`
	Practice  string `help:"Practice file. Default: the sample practice." type:"path"`
	JSON      bool   `name:"json" help:"Print JSON."`
}

// planTalk is what a coordinator shows a client before signing: every way to pay, and what each package refunds.
type planTalk struct {
	Infusions int                              `json:"infusions"`
	Plans     []money.PlanOffer                `json:"plans"`
	Rule      string                           `json:"refund_rule"`
	Refunds   map[string]map[int64]money.Cents `json:"refunds"` // package → infusions used → cents back, the consult used
}

// Run compares the ways to pay for a number of infusions, the cheapest first, and shows what a client who stops early gets
// back.
func (c plansCommand) Run(t terminal) error {
	if c.Infusions < 1 || c.Infusions > 60 {
		return usageError{fmt.Errorf("%d infusions: give a number between 1 and 60", c.Infusions)}
	}
	prac, err := wiring.LoadPractice(c.Practice)
	if err != nil {
		return err
	}
	amount := prac.Policy.Money
	prices := amount.PricesOn(prac.Zone.Local(time.Now()).Format(time.DateOnly))
	talk := planTalk{Infusions: c.Infusions, Plans: prices.Plans(c.Infusions), Rule: amount.RefundRule, Refunds: map[string]map[int64]money.Cents{}}
	for _, pkg := range []string{money.PackageSix, money.PackageTen} {
		talk.Refunds[pkg] = map[int64]money.Cents{}
		for used := range money.PackageInfusions(pkg) + 1 {
			back := prices.RefundAfter(amount.RefundRule, pkg, used)
			talk.Refunds[pkg][int64(used)] = back - back*money.Cents(amount.RefundFeeBP)/10000
		}
	}
	if c.JSON {
		return writeJSON(t.out, talk)
	}
	return talk.print(t.out, prices)
}

func (p planTalk) print(out io.Writer, prices money.PriceList) error {
	fmt.Fprintf(out, "The consult and %d infusions, the cheapest first. Infusions are never insured.\n\n", p.Infusions)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, o := range p.Plans {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", o.Total, o.Words(), o.UnusedWords())
	}
	fmt.Fprintf(w, "\nRefund if the client stops after the consult (refund policy: %s)\n", money.RefundRuleWords(p.Rule))
	fmt.Fprintf(w, "  infusions used\tpackage of 6 (%s)\tpackage of 10 (%s)\n", prices.PackageSix, prices.PackageTen)
	for used := range int64(11) {
		six := "-"
		if back, ok := p.Refunds[money.PackageSix][used]; ok {
			six = back.String()
		}
		fmt.Fprintf(w, "  %d\t%s\t%s\n", used, six, p.Refunds[money.PackageTen][used])
	}
	return w.Flush()
}

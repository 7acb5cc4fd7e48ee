package main

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"

	"kapflow/care/person"
	"kapflow/config"
	"kapflow/console"
	"kapflow/devstack/published"
	"kapflow/messaging/fake"
	"kapflow/worker/wiring"
)

// providers are the message providers of a rehearsal: fakes that speak the real ones' API, and the console to which they
// report. The adapters, the signatures and everything behind them are the real ones.
type providers struct {
	interceptor.InterceptorBase
	twilio   *fake.Twilio
	sendGrid *fake.SendGrid
	server   *http.Server
	relay    func(ctx context.Context) error
	now      atomic.Int64 // virtual time of the activity under way, Unix nanoseconds
}

// openProviders gives a house the fakes to send through.
func openProviders(house *wiring.House) (*providers, error) {
	schema, err := fake.OptionalSchema(published.Path(published.TwilioAPI))
	if err != nil {
		return nil, err
	}
	p := &providers{relay: house.Desk.Relay}
	if p.twilio, err = fake.StartTwilio(schema); err != nil {
		return nil, err
	}
	if p.sendGrid, err = fake.StartSendGrid(); err != nil {
		return nil, err
	}
	clock := func() time.Time { return time.Unix(0, p.now.Load()) }
	p.twilio.Now, p.sendGrid.Now = clock, clock
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	public := "http://" + listener.Addr().String()
	p.twilio.InboundURL, p.sendGrid.EventsURL = public+console.TwilioInboundPath, public+console.SendGridEventsPath
	settings := config.Settings{
		PublicURL:     public,
		TwilioAccount: fake.TwilioAccount, TwilioKey: fake.TwilioKey, TwilioSecret: config.NewSecret(fake.TwilioSecret), TwilioService: fake.TwilioService,
		TwilioToken: config.NewSecret(fake.TwilioAuthToken), TwilioBaseURL: p.twilio.URL(),
		SendGridKey: config.NewSecret(fake.SendGridKey), SendGridFrom: "office@visit.example", SendGridWebhookKey: p.sendGrid.VerificationKey(), SendGridBaseURL: p.sendGrid.URL(),
	}
	if house.Providers, err = wiring.OpenProviders(settings, house.Practice.Policy.Practice); err != nil {
		return nil, err
	}
	p.server = &http.Server{Handler: console.Handler(house.Console(settings)...), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = p.server.Serve(listener) }()
	return p, nil
}

func (p *providers) close() {
	p.twilio.Close()
	p.sendGrid.Close()
	_ = p.server.Close()
}

// Behave says how one provider answers from now on.
func (p *providers) Behave(ch person.Channel, b fake.Behaviour) error {
	if ch == person.SMS {
		return p.twilio.Behave(b)
	}
	return p.sendGrid.Behave(b)
}

// Reply has a client's text handed to the console, and waits until the journey has heard of it, as a busy machine may take
// longer than the console waits.
func (p *providers) Reply(ctx context.Context, from, text string) error {
	if _, err := p.twilio.Inbound(ctx, from, text); err != nil {
		return err
	}
	return p.relay(ctx)
}

// Taken counts the messages that a channel's provider took.
func (p *providers) Taken(ch person.Channel) int {
	if ch == person.SMS {
		return len(p.twilio.Sent())
	}
	return len(p.sendGrid.Sent())
}

// Faults are what the providers' own rules refuse.
func (p *providers) Faults() []string { return slices.Concat(p.twilio.Faults(), p.sendGrid.Faults()) }

// InterceptActivity has the providers report at the end of each sending, while the journey's virtual time stands still.
func (p *providers) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &reporting{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, providers: p}
}

type reporting struct {
	interceptor.ActivityInboundInterceptorBase
	providers *providers
}

// ExecuteActivity sends, and then has everything reported that the providers owe.
func (r *reporting) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	if info.ActivityType.Name != "Send" {
		return r.Next.ExecuteActivity(ctx, in)
	}
	r.providers.now.Store(info.StartedTime.UnixNano())
	out, err := r.Next.ExecuteActivity(ctx, in)
	for _, report := range []func(context.Context) error{r.providers.twilio.Report, r.providers.sendGrid.Report, r.providers.relay} {
		if reportErr := report(ctx); reportErr != nil {
			activity.GetLogger(ctx).Error("a provider's report was not taken", "error", reportErr)
		}
	}
	return out, err
}

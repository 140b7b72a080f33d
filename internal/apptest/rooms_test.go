package apptest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// room is a page to look at: who looks, at which address. {matter}, {material}, {person} and {link} stand for ids.
type room struct{ person, path string }

// rooms has every page that answers GET, by its pattern. A page that is missing here fails TestRooms.
var rooms = map[string][]room{
	"/login":                               {{"", "/login"}},
	"/login/away":                          {{"", "/login/away"}},
	"/login/back":                          {{"", "/login/back"}},
	"/invite/{link}":                       {{"", "/invite/nothing"}},
	"/{$}":                                 {{"lead", "/"}, {"handling", "/"}, {"security", "/"}, {"auditor", "/"}},
	"/matters":                             {{"lead", "/matters"}, {"outsider", "/matters"}},
	"/matters/new":                         {{"lead", "/matters/new"}},
	"/matters/{matter}":                    {{"lead", "/matters/{matter}"}, {"outsider", "/matters/{matter}"}},
	"/matters/{matter}/team":               {{"lead", "/matters/{matter}/team"}, {"trainee", "/matters/{matter}/team"}},
	"/matters/{matter}/data":               {{"lead", "/matters/{matter}/data"}},
	"/matters/{matter}/edit":               {{"lead", "/matters/{matter}/edit"}},
	"/matters/{matter}/handover":           {{"lead", "/matters/{matter}/handover"}},
	"/matters/{matter}/intake":             {{"handling", "/matters/{matter}/intake"}},
	"/matters/{matter}/ledger":             {{"lead", "/matters/{matter}/ledger"}},
	"/materials":                           {{"lead", "/materials"}, {"outsider", "/materials"}},
	"/materials/{material}":                {{"lead", "/materials/{material}"}, {"trainee", "/materials/{material}"}, {"director", "/materials/{material}"}},
	"/materials/{material}/history":        {{"lead", "/materials/{material}/history"}},
	"/materials/{material}/view":           {{"lead", "/materials/{material}/view"}},
	"/people":                              {{"lead", "/people"}, {"security", "/people"}},
	"/people/new":                          {{"security", "/people/new"}},
	"/people/import":                       {{"security", "/people/import"}},
	"/people/log-ins":                      {{"security", "/people/log-ins"}},
	"/people/{person}":                     {{"lead", "/people/{person}"}, {"security", "/people/{person}"}},
	"/people/{person}/acts":                {{"auditor", "/people/{person}/acts"}},
	"/people/{person}/leaving":             {{"director", "/people/{person}/leaving"}, {"handling", "/people/{person}/leaving"}, {"security", "/people/{person}/leaving"}},
	"/people/{person}/leaving/opened":      {{"security", "/people/{person}/leaving/opened"}},
	"/leaving":                             {{"director", "/leaving"}, {"lead", "/leaving"}},
	"/people/{person}/duty":                {{"director", "/people/{gone}/duty"}},
	"/duty":                                {{"security", "/duty"}, {"lead", "/duty"}},
	"/people/{person}/measures":            {{"director", "/people/{person}/measures"}, {"handling", "/people/{person}/measures"}},
	"/carriers":                            {{"lead", "/carriers"}, {"outsider", "/carriers"}, {"auditor", "/carriers"}},
	"/carriers/{carrier}":                  {{"handling", "/carriers/{carrier}"}, {"lead", "/carriers/{lent}"}, {"director", "/carriers/{carrier}"}, {"keeper", "/carriers/{carrier}?by=scan"}},
	"/scan":                                {{"keeper", "/scan"}, {"handling", "/scan"}},
	"/matters/{matter}/carriers":           {{"handling", "/matters/{matter}/carriers"}},
	"/matters/{matter}/carriers/loans":     {{"lead", "/matters/{matter}/carriers/loans"}},
	"/carriers/balance":                    {{"lead", "/carriers/balance"}, {"keeper", "/carriers/balance"}},
	"/matters/{matter}/carriers/balance":   {{"lead", "/matters/{matter}/carriers/balance"}, {"keeper", "/matters/{matter}/carriers/balance"}},
	"/materials/{material}/copies":         {{"lead", "/materials/{material}/copies"}},
	"/carriers/loans":                      {{"lead", "/carriers/loans"}, {"outsider", "/carriers/loans"}},
	"/carriers/known":                      {{"lead", "/carriers/known"}, {"outsider", "/carriers/known"}, {"auditor", "/carriers/known"}},
	"/carriers/loans/overdue":              {{"security", "/carriers/loans/overdue"}, {"lead", "/carriers/loans/overdue"}},
	"/matters/{matter}/carriers/new":       {{"handling", "/matters/{matter}/carriers/new"}},
	"/intakes":                             {{"handling", "/intakes"}, {"keeper", "/intakes"}, {"outsider", "/intakes"}},
	"/matters/{matter}/intakes/{batch}":    {{"handling", "/matters/{matter}/intakes/{batch}"}, {"lead", "/matters/{matter}/intakes/{batch}"}, {"lead", "/matters/{matter}/intakes/{signed}"}},
	"/meetings":                            {{"lead", "/meetings"}, {"keeper", "/meetings"}, {"outsider", "/meetings"}},
	"/matters/{matter}/meetings":           {{"handling", "/matters/{matter}/meetings"}},
	"/matters/{matter}/meetings/{meeting}": {{"handling", "/matters/{matter}/meetings/{meeting}"}, {"lead", "/matters/{matter}/meetings/{meeting}"}},
	"/stock":                               {{"auditor", "/stock"}, {"keeper", "/stock"}},
	"/stock/{round}":                       {{"auditor", "/stock/{counted}"}, {"keeper", "/stock/{counting}"}},
	"/output":                              {{"handling", "/output"}, {"keeper", "/output"}, {"outsider", "/output"}},
	"/output/scans":                        {{"keeper", "/output/scans"}},
	"/output/{output}":                     {{"handling", "/output/{output}"}, {"keeper", "/output/{output}"}},
	"/materials/{material}/print":          {{"lead", "/materials/{material}/print"}},
	"/carriers/{carrier}/output":           {{"handling", "/carriers/{carrier}/output"}},
	"/approvals":                           {{"director", "/approvals"}, {"handling", "/approvals?whose=mine"}},
	"/approvals/{approval}":                {{"director", "/approvals/{approval}"}, {"handling", "/approvals/{approval}"}},
	"/ask":                                 {{"handling", "/ask?act=fetchOriginal&thing={material}"}},
	"/take-outs":                           {{"director", "/take-outs"}, {"handling", "/take-outs"}},
	"/sendings":                            {{"lead", "/sendings"}, {"outsider", "/sendings"}},
	"/incidents":                           {{"director", "/incidents"}, {"security", "/incidents"}},
	"/incidents/{incident}":                {{"director", "/incidents/{incident}"}, {"security", "/incidents/{incident}"}},
	"/dangers":                             {{"security", "/dangers"}, {"outsider", "/dangers"}, {"trainee", "/dangers"}},
	"/dangers/new":                         {{"outsider", "/dangers/new"}, {"system", "/dangers/new"}},
	"/dangers/{danger}":                    {{"handling", "/dangers/{danger}"}, {"director", "/dangers/{mended}"}, {"security", "/dangers/{unassigned}"}, {"outsider", "/dangers/{danger}"}},
	"/devices":                             {{"system", "/devices"}, {"security", "/devices"}},
	"/devices/new":                         {{"system", "/devices/new"}},
	"/media":                               {{"system", "/media"}, {"security", "/media"}},
	"/media/new":                           {{"system", "/media/new"}},
	"/media/{medium}":                      {{"system", "/media/{medium}"}, {"security", "/media/{medium}"}},
	"/matters/{matter}/exports":            {{"handling", "/matters/{matter}/exports"}},
	"/matters/{matter}/exports/new":        {{"handling", "/matters/{matter}/exports/new"}, {"lead", "/matters/{matter}/exports/new"}},
	"/exports/{export}":                    {{"handling", "/exports/{export}"}, {"lead", "/exports/{export}"}},
	"/devices/{device}":                    {{"system", "/devices/{device}"}, {"security", "/devices/{device}"}},
	"/rights":                              {{"lead", "/rights"}, {"director", "/rights"}, {"security", "/rights"}},
	"/rights/register":                     {{"auditor", "/rights/register"}, {"director", "/rights/register"}},
	"/delegations":                         {{"director", "/delegations"}, {"lead", "/delegations"}},
	"/team-reviews":                        {{"security", "/team-reviews"}, {"auditor", "/team-reviews"}},
	"/matters/{matter}/review":             {{"lead", "/matters/{matter}/review"}},
	"/measures":                            {{"director", "/measures"}, {"lead", "/measures"}},
	"/walls":                               {{"security", "/walls"}},
	"/ledger":                              {{"auditor", "/ledger"}, {"lead", "/ledger"}},
	"/rules":                               {{"lead", "/rules"}},
	"/criteria":                            {{"director", "/criteria"}, {"lead", "/criteria"}},
	"/notices":                             {{"security", "/notices"}, {"lead", "/notices"}},
	"/pledge":                              {{"lead", "/pledge"}, {"trainee", "/pledge"}},
	"/pledge/register":                     {{"security", "/pledge/register"}, {"lead", "/pledge/register"}},
	"/pledge/missing":                      {{"security", "/pledge/missing"}},
	"/pledge/texts":                        {{"security", "/pledge/texts"}, {"lead", "/pledge/texts"}},
	"/self":                                {{"lead", "/self"}},
	"/training":                            {{"lead", "/training"}, {"handling", "/training"}, {"outsider", "/training"}, {"security", "/training"}},
	"/training/lessons/{lesson}":           {{"handling", "/training/lessons/levels"}, {"lead", "/training/lessons/levels"}},
	"/training/test":                       {{"lead", "/training/test"}},
	"/training/results/{test}":             {{"lead", "/training/results/{test}"}},
	"/training/plans":                      {{"security", "/training/plans"}},
	"/training/plans/{plan}":               {{"security", "/training/plans/{plan}"}},
	"/training/courses":                    {{"security", "/training/courses"}},
	"/training/register":                   {{"security", "/training/register"}},
	"/self/factors/{change}":               {{"lead", "/self/factors/totp"}},
}

// parts are answers to GET that are no pages of their own: a part of one, an image, or a step of a log-in that another test walks.
var parts = []string{"/matters/{matter}/intake/list", "/matters/{matter}/carriers/receipt", "/matters/{matter}/carriers/labels", "/carriers/{carrier}/label", "/materials/{material}/page/{page}", "/ledger/verify/state", "/training/test/clock", "/pledge/{pledge}/document", "/pledge/authority", "/login/second", "/login/setup", "/login/password",
	"/carriers/{carrier}/slips/{slip}", "/people/{person}/leaving/sheet", "/people/{person}/duty/{reminder}"}

// TestRooms holds every page of the product, with a firm's data in it, against WCAG 2.2 AA in a real Chromium: light and wide, dark and
// narrow, and in English, narrow, where no Chinese text of the product's own is left that has an English one. Nothing may lie beside the screen, and the browser may find nothing to complain about.
func TestRooms(t *testing.T) {
	for _, pattern := range patterns(t) {
		if rooms[pattern] == nil && !slices.Contains(parts, pattern) {
			t.Errorf("nobody looks at the page %s", pattern)
		}
	}
	o, ids := furnished(t)
	fill := filled(ids)
	axe, err := os.ReadFile("../web/ui/testdata/axe.min.js")
	must(t, err)
	ctx := chromium(t)
	shots, english := os.Getenv("MIJUAN_SHOTS"), newEnglish(t)
	for _, look := range []struct {
		theme, lang string
		width       int64
	}{{"light", "zh", 1280}, {"dark", "zh", 360}, {"light", "en", 360}} {
		at := "nobody yet"
		for _, pattern := range slices.SortedFunc(maps.Keys(rooms), byPerson) {
			for i, r := range rooms[pattern] {
				if look.lang == "en" && i > 0 {
					break // the words are those of the page, whoever looks
				}
				t.Run(fmt.Sprintf("%s %s %d %s %s", look.lang, look.theme, look.width, r.person, strings.ReplaceAll(r.path, "/", "_")), func(t *testing.T) {
					if r.person != at {
						at = r.person
						o.enter(t, ctx, r.person, look.theme, look.lang)
					}
					must(t, chromedp.Do(ctx, screen(look.width), chromedp.Navigate(o.server.URL+fill.Replace(r.path)),
						chromedp.WaitReady("main"), chromedp.Evaluate[chromedp.Void](string(axe)+";0")))
					for _, wrong := range evaluate[[]string](t, ctx, audit) {
						t.Error(wrong)
					}
					if wide := evaluate[int64](t, ctx, `document.documentElement.scrollWidth`); wide > look.width {
						t.Errorf("the page is %d wide", wide)
					}
					if look.lang == "en" {
						english.read(t, evaluate[[]string](t, ctx, words))
					}
					if shots != "" {
						picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(80))
						must(t, err)
						must(t, os.WriteFile(filepath.Join(shots, strings.ReplaceAll(t.Name(), "/", "_")+".jpg"), picture, 0o600))
					}
				})
			}
		}
	}
}

// byPerson keeps the pages of one person together, so that few have to log in again.
func byPerson(a, b string) int {
	return strings.Compare(rooms[a][0].person+a, rooms[b][0].person+b)
}

// patterns are the addresses in the tables of the pages.
func patterns(t *testing.T) (all []string) {
	files, err := filepath.Glob("../web/*.go")
	must(t, err)
	row := regexp.MustCompile("(?m)^\\t+get\\(\"([^\"]+)\", server\\.")
	for _, path := range files {
		raw, err := os.ReadFile(path)
		must(t, err)
		for _, m := range row.FindAllStringSubmatch(string(raw), -1) {
			all = append(all, m[1])
		}
	}
	if len(all) < 20 {
		t.Fatalf("only %d pages were found", len(all))
	}
	return all
}

const audit = `axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"], resultTypes: ["violations"]})
	.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 200) + " — " + n.failureSummary.replace(/\s+/g, " "))))`

func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	must(t, err)
	return v
}

// chromium starts one browser with a page that complains to the test.
func chromium(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("ignore-certificate-errors", true), chromedp.WSURLReadTimeout(time.Minute))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), append(flags, more...)...)
	t.Cleanup(stop)
	ctx, end := context.WithTimeout(ctx, 40*time.Minute)
	t.Cleanup(end)
	ctx, shut := chromedp.NewContext(ctx)
	t.Cleanup(shut)
	must(t, chromedp.Do(ctx))
	complain(t, ctx)
	return ctx
}

// complain fails the test for every script error, and for everything that the content security policy had to stop.
func complain(t *testing.T, ctx context.Context) {
	t.Helper()
	must(t, chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("script error: %s", ev.ExceptionDetails.Text)
		case *cdplog.EventEntryAdded:
			if e := ev.Entry; e.Level == cdplog.EntryLevelError && e.Source != cdplog.EntrySourceNetwork {
				t.Errorf("the browser complains: %s %s", e.Text, e.URL)
			}
		}
	}))
}

func screen(width int64) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1})
		return err
	})
}

// enter logs a person in through the log-in page; "" is nobody.
func (o *office) enter(t *testing.T, ctx context.Context, login, theme, lang string) {
	t.Helper()
	must(t, chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
			return err
		}
		for name, value := range map[string]string{"mijuan-theme": theme, "mijuan-lang": lang} {
			if _, err := cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: o.server.URL}); err != nil {
				return err
			}
		}
		return nil
	})))
	if login == "" {
		return
	}
	must(t, chromedp.Do(ctx, chromedp.Navigate(o.server.URL+"/login"), chromedp.SendKeys(`input[name="login"]`, login),
		chromedp.SendKeys(`input[name="password"]`, password+"\r"), chromedp.WaitReady("nav")))
}

package desk_test

import (
	"kapflow/access"
	"kapflow/care"
	"kapflow/desk"
)

// otherRequests look, export, change or restart something.
func otherRequests() map[string]askFor {
	return map[string]askFor{
		"NurseAsksWhoLooked":           {accessLog, nurseSample, "client-a", rows("read-audit-refused"), care.CodeNotYourRole},
		"CoordinatorAsksWhoLooked":     {accessLog, coordinator, "client-a", rows("read-audit"), ""},
		"OwnerAsksWhoLooked":           {accessLog, ownerSample, "client-a", rows("read-audit"), ""},
		"NurseEndsAMatter":             {endMatter, nurseSample, "m-1", rows("end-matter-refused"), care.CodeNotYourRole},
		"CoordinatorEndsNoMatter":      {endMatter, coordinator, "m-1", rows("end-matter", "end-matter-refused"), care.CodeWrongState},
		"NurseAssignsAText":            {assign("client-a", ""), nurseSample, "m-1", rows("assign-reply-refused"), care.CodeNotYourRole},
		"CoordinatorAssignsNoText":     {assign("client-a", ""), coordinator, "m-1", rows("assign-reply", "assign-reply-refused"), care.CodeWrongState},
		"ATextIsNobodysWithoutAReason": {assign("", " "), drSample, "m-1", rows("assign-reply-refused"), care.CodeInvalid},
		"NurseChangesBilling":          {billing, nurseSample, "client-a", rows("change-billing-refused"), care.CodeNotYourRole},
		"BillingWithoutAChange":        {billing, coordinator, "client-a", rows("change-billing-refused"), care.CodeInvalid},
		"NurseSeesOutcomes":            {outcomes, nurseSample, "practice", rows("read-outcomes-refused"), care.CodeNotYourRole},
		"OwnerSeesOutcomes":            {outcomes, ownerSample, "practice", rows("read-outcomes"), ""},
		"ClientOpensTheRecord":         {openRecord("client-a"), aClient, "client-a", rows("read-record-refused"), care.CodeNotYourRole},
		"AccountantOpensTheRecord":     {openRecord("client-a"), accountant, "client-a", rows("read-record-refused"), care.CodeNotYourRole},
		"NurseOpensTheRecord":          {openRecord("client-a"), nurseSample, "client-a", rows("read-record"), ""},
		"PhysicianOpensNoRecord":       {openRecord("client-zz"), drSample, "client-zz", rows("read-record", "read-record-refused"), care.CodeUnknownClient},
		"NurseExports":                 {export(desk.ExportOrder{ClientID: "client-a"}), nurseSample, "client-a", rows("export-refused"), care.CodeNotYourRole},
		"PhysicianExports":             {export(desk.ExportOrder{ClientID: "client-a"}), drSample, "client-a", rows("export"), ""},
		"PhysicianExportsAllUnallowed": {export(desk.ExportOrder{ClientID: "client-a", Full: true}), drSample, "client-a", rows("export-full-refused"), care.CodeNotYourRole},
		"PsychotherapistExportsAll":    {export(desk.ExportOrder{ClientID: "client-a", Full: true}), psySample, "client-a", rows("export-full"), ""},
		"PhysicianAllowsAnExport":      {allow("client-a", "x"), drSample, "client-a", rows("export-allowed-refused"), care.CodeNotYourRole},
		"AnExportIsAllowedForNobody":   {allow("client-a", ""), psySample, "client-a", rows("export-allowed-refused"), care.CodeInvalid},
		"AnExportOfNobodyIsAllowed":    {allow("client-zz", "x"), psySample, "client-zz", rows("export-allowed-refused"), care.CodeUnknownClient},
		"NurseRestarts":                {restart, nurseSample, "client-zz", rows("restart-refused"), care.CodeNotYourRole},
		"CoordinatorRestartsNobody":    {restart, coordinator, "client-zz", rows("restart", "restart-refused"), care.CodeUnknownClient},
		"CoordinatorErases":            {erase("client-a", "asked", "2020-01-01"), coordinator, "client-a", rows("erase-refused"), care.CodeNotYourRole},
		"OwnerErasesWithoutAReason":    {erase("client-a", " ", "2020-01-01"), ownerSample, "client-a", rows("erase-refused"), care.CodeInvalid},
		"OwnerErasesTooSoon":           {erase("client-a", "asked", "2200-01-01"), ownerSample, "client-a", rows("erase-refused"), care.CodeInFuture},
		"OwnerErasesNobody":            {erase("client-zz", "asked", "2020-01-01"), ownerSample, "client-zz", rows("erase", "erase-refused"), care.CodeUnknownClient},
		"OwnerErasesAnOpenCourse":      {erase("client-a", "asked", "2020-01-01"), ownerSample, "client-a", rows("erase", "erase-refused"), care.CodeWrongState},
		"NurseChecksAPracticeFile":     {checkPractice, nurseSample, "practice", rows("check-practice-refused"), care.CodeNotYourRole},
		"OwnerChecksAPracticeFile":     {checkPractice, ownerSample, "practice", rows("check-practice"), ""},
		"NursePlaysACourse":            {rehearseCourse, nurseSample, "practice", rows("rehearse-course-refused"), care.CodeNotYourRole},
		"OwnerPlaysACourse":            {rehearseCourse, ownerSample, "practice", rows("rehearse-course"), ""},
		"NurseMakesAFeed":              {makeFeed, nurseSample, "practice", rows("make-feed"), ""},
		"OwnerMakesAFeed":              {makeFeed, ownerSample, "practice", rows("make-feed-refused"), care.CodeNotYourRole},
		"NurseEndsAFeed":               {endFeed, nurseSample, "practice", rows("end-feed"), ""},
		"OwnerEndsAFeed":               {endFeed, ownerSample, "practice", rows("end-feed-refused"), care.CodeNotYourRole},
		"NurseHasAFeed":                {ownFeed, nurseSample, "practice", rows("see-feed"), ""},
		"AccountantHasAFeed":           {ownFeed, accountant, "practice", rows("see-feed-refused"), care.CodeNotYourRole},
		"NurseSealsAgain":              {list(access.SealAgain, "practice"), nurseSample, "practice", rows("seal-again-refused"), care.CodeNotYourRole},
		"OwnerSealsAgain":              {list(access.SealAgain, "practice"), ownerSample, "practice", rows("seal-again"), ""},
		"AccountantReadsTheBoard":      {list(access.ReadBoard, "board"), accountant, "board", rows("read-board-refused"), care.CodeNotYourRole},
		"NurseReadsTheBoard":           {list(access.ReadBoard, "board"), nurseSample, "board", rows("read-board"), ""},
		"AccountantReadsTheCalendar":   {calendar, accountant, "calendar", rows("read-calendar-refused"), care.CodeNotYourRole},
		"NurseReadsTheCalendar":        {calendar, nurseSample, "calendar", rows("read-calendar"), ""},
		"AccountantReadsWhatIsOwed":    {moneyOwed, accountant, "money", rows("read-money"), ""},
		"NurseComparesPlans":           {plans(6), nurseSample, "practice", rows("read-prices-refused"), care.CodeNotYourRole},
		"CoordinatorComparesPlans":     {plans(6), coordinator, "practice", rows("read-prices"), ""},
		"CoordinatorComparesTooMany":   {plans(61), coordinator, "practice", rows("read-prices-refused"), care.CodeInvalid},
		"NurseReadsMessages":           {list(access.ReadMessages, "client-a"), nurseSample, "client-a", rows("read-messages-refused"), care.CodeNotYourRole},
		"NurseReadsPapers":             {list(access.ReadBilling, "client-a"), nurseSample, "client-a", rows("read-billing-refused"), care.CodeNotYourRole},
		"OwnerInvites":                 {list(access.Invite, "practice"), ownerSample, "practice", rows("invite"), ""},
		"CoordinatorInvites":           {list(access.Invite, "practice"), coordinator, "practice", rows("invite-refused"), care.CodeNotYourRole},
		"CoordinatorEndsSessions":      {list(access.EndSessions, "practice"), coordinator, "practice", rows("end-sessions"), ""},
		"NurseEndsSessions":            {list(access.EndSessions, "practice"), nurseSample, "practice", rows("end-sessions-refused"), care.CodeNotYourRole},
		"NurseEndsTheirOwn":            {list(access.EndOwn, "practice"), nurseSample, "practice", rows("end-own-sessions"), ""},
		"NurseSignsOut":                {list(access.SignOut, "practice"), nurseSample, "practice", rows("sign-out"), ""},
		"NurseAddsAPasskey":            {list(access.AddPasskey, "practice"), nurseSample, "practice", rows("add-passkey"), ""},
		"ClientAddsAPasskey":           {list(access.AddPasskey, "practice"), aClient, "practice", rows("add-passkey-refused"), care.CodeNotYourRole},
		"NurseRemovesAPasskey":         {list(access.RemovePasskey, "practice"), nurseSample, "practice", rows("remove-passkey"), ""},
		"NurseSeesTheirPasskeys":       {list(access.ReadPasskeys, "practice"), nurseSample, "practice", rows("read-passkeys"), ""},
		"NurseSeesTheStaff":            {list(access.ReadStaff, "practice"), nurseSample, "practice", rows("read-staff-refused"), care.CodeNotYourRole},
		"AccountantReadsTheSettings":   {seePractice, accountant, "practice", rows("read-practice"), ""},
		"ClientReadsTheSettings":       {seePractice, aClient, "practice", rows("read-practice-refused"), care.CodeNotYourRole},
		"OwnerSeesTheStaff":            {list(access.ReadStaff, "practice"), ownerSample, "practice", rows("read-staff"), ""},
		"NurseDecodes":                 {list(access.Decode, "practice"), nurseSample, "practice", rows("decode-refused"), care.CodeNotYourRole},
		"PhysicianDecodes":             {list(access.Decode, "practice"), drSample, "practice", rows("decode"), ""},
		"ClientSignsIn":                {list(access.SignIn, "practice"), aClient, "practice", rows("sign-in-refused"), care.CodeNotYourRole},
		"WhatIsInNoTable":              {list("shred", "client-a"), coordinator, "client-a", rows("shred-refused"), care.CodeNotYourRole},
	}
}

// previewRequests ask what would happen, or for the form that leads to that.
func previewRequests() map[string]askFor {
	return map[string]askFor{
		"APreviewOfNoSuchFact":         {previewWide("nonsense"), coordinator, "practice", rows("preview-refused"), care.CodeUnknownFact},
		"APreviewForAllOfOneClients":   {previewWide("paused"), coordinator, "practice", rows("preview-refused"), care.CodeUnknownFact},
		"NursePreviewsAnAbsence":       {previewWide("clinician-unavailable"), nurseSample, "practice", rows("preview-refused"), care.CodeNotYourRole},
		"NursePreviewsAnEnrollment":    {previewEnroll, nurseSample, "practice", rows("preview-refused"), care.CodeNotYourRole},
		"CoordinatorPreviewsIt":        {previewEnroll, coordinator, "practice", rows("preview"), ""},
		"NurseOpensTheFormOfAnAbsence": {openForm("clinician-unavailable"), nurseSample, "practice", rows("preview-refused"), care.CodeNotYourRole},
		"CoordinatorOpensTheFormOfIt":  {openForm("clinician-unavailable"), coordinator, "practice", rows("preview"), ""},
	}
}

// bookRequests look at the books and close months.
func bookRequests() map[string]askFor {
	return map[string]askFor{
		"NurseSeesTheMonths":          {seeMonths, nurseSample, "ledger", rows("read-ledger-refused"), care.CodeNotYourRole},
		"OwnerSeesTheMonths":          {seeMonths, ownerSample, "ledger", rows("read-ledger"), ""},
		"NurseSeesAMonth":             {seeMonth, nurseSample, "ledger 2020-01", rows("read-ledger-refused"), care.CodeNotYourRole},
		"AccountantSeesAMonth":        {seeMonth, accountant, "ledger 2020-01", rows("read-ledger"), ""},
		"NurseClosesAMonth":           {closeMonth("2020-01"), nurseSample, "ledger 2020-01", rows("export-ledger-refused"), care.CodeNotYourRole},
		"AccountantClosesALaterMonth": {closeMonth("2200-01"), accountant, "ledger 2200-01", rows("export-ledger", "export-ledger-refused"), care.CodeInFuture},
		"AccountantClosesAMonth":      {closeMonth("2020-01"), accountant, "ledger 2020-01", rows("export-ledger"), ""},
		"NurseTakesAJournal":          {journal, nurseSample, "ledger 2020-01", rows("export-ledger-refused"), care.CodeNotYourRole},
		"AccountantTakesAJournal":     {journal, accountant, "ledger 2020-01", rows("export-ledger"), ""},
		"NurseReadsTheLedger":         {list(access.ReadLedger, "ledger"), nurseSample, "ledger", rows("read-ledger-refused"), care.CodeNotYourRole},
		"AccountantReadsTheLedger":    {list(access.ReadLedger, "ledger"), accountant, "ledger", rows("read-ledger"), ""},
		"NurseReadsWhatIsOwed":        {moneyOwed, nurseSample, "money", rows("read-money-refused"), care.CodeNotYourRole},
	}
}

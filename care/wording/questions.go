package wording

// PHQ9Items and GAD7Items are the questions, and HowOften the answers from 0 to 3. Both lists are free to use: the authors' forms say "No permission required to reproduce,
// translate, display or distribute". Do not add the text of any other instrument here.
var (
	PHQ9Items = []string{
		"Little interest or pleasure in doing things",
		"Feeling down, depressed, or hopeless",
		"Trouble falling or staying asleep, or sleeping too much",
		"Feeling tired or having little energy",
		"Poor appetite or overeating",
		"Feeling bad about yourself, or that you are a failure or have let yourself or your family down",
		"Trouble concentrating on things, such as reading the newspaper or watching television",
		"Moving or speaking so slowly that other people could have noticed? Or the opposite, being so fidgety or restless that you have been moving around a lot more than usual",
		"Thoughts that you would be better off dead or of hurting yourself in some way",
	}
	GAD7Items = []string{
		"Feeling nervous, anxious, or on edge",
		"Not being able to stop or control worrying",
		"Worrying too much about different things",
		"Trouble relaxing",
		"Being so restless that it is hard to sit still",
		"Becoming easily annoyed or irritable",
		"Feeling afraid as if something awful might happen",
	}
	HowOften = []string{"Not at all", "Several days", "More than half the days", "Nearly every day"}
)

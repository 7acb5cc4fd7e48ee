package main

type staffCommand struct {
	List    staffListCommand    `cmd:"" help:"List everybody who works here, with their roles, passkeys and open sessions."`
	Invite  staffInviteCommand  `cmd:"" help:"Print a one-time link with which a member of the staff sets up their sign-in. It works for a day."`
	SignOut staffSignOutCommand `cmd:"" help:"End all sessions of one person at once."`
}

package main

type staffCommand struct {
	List    staffListCommand    `cmd:"" help:"List everybody who works here, with their roles, passkeys and open sessions."`
	Invite  staffInviteCommand  `cmd:"" help:"Print a one-time link with which somebody sets up their sign-in. It is good for a day."`
	SignOut staffSignOutCommand `cmd:"" help:"End all sessions of somebody at once."`
}

package staff

// background are the routes that a page's script asks by itself. None of them extends the session, whatever the request says.
var background = map[string]bool{"POST /draft": true, "GET /live": true}

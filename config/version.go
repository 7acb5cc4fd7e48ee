package config

// Version is the version that a release was compiled as: -ldflags "-X kapflow/config.Version=1.2.0". It is the build id
// unless KAPFLOW_BUILD_ID names another. Empty in a build that is not a release; its build id is made from the program.
var Version string

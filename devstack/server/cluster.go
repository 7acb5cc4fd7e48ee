package main

import (
	"fmt"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

const (
	clusterName = "active"
	storeName   = "main"
	searchName  = "visibility"

	// historyShards is the number of updates that can be stored in parallel. Four was best on two
	// cores. A database file keeps the number it was created with.
	historyShards = 4
)

// newCluster connects the four Temporal services without starting them.
func newCluster(opts Options, ports Ports, store stores) (temporal.Server, error) {
	dynamic, err := dynamicConfig(opts)
	if err != nil {
		return nil, err
	}
	services, hosts := services(ports)
	srv, err := temporal.NewServer(
		temporal.WithConfig(clusterConfig(ports, store, services)),
		temporal.ForServices(temporal.DefaultServices),
		// One process knows where its services are, so it needs no membership protocol and no
		// ports for it.
		temporal.WithStaticHosts(hosts),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithDynamicConfigClient(dynamic),
		temporal.WithLogger(log.NewZapLogger(log.BuildZapLogger(log.Config{Level: opts.LogLevel}))),
	)
	if err != nil {
		return nil, fmt.Errorf("configure temporal: %w", err)
	}
	return srv, nil
}

// services gives every Temporal service its port and the addresses of the others.
func services(p Ports) (map[string]config.Service, map[primitives.ServiceName]static.Hosts) {
	rpc := map[primitives.ServiceName]config.RPC{
		primitives.FrontendService: {GRPCPort: p.Frontend, HTTPPort: p.HTTP, BindOnIP: loopback},
		primitives.HistoryService:  {GRPCPort: p.history, BindOnIP: loopback},
		primitives.MatchingService: {GRPCPort: p.matching, BindOnIP: loopback},
		primitives.WorkerService:   {GRPCPort: p.worker, BindOnIP: loopback},
	}
	services := make(map[string]config.Service, len(rpc))
	hosts := make(map[primitives.ServiceName]static.Hosts, len(rpc))
	for name, r := range rpc {
		services[string(name)] = config.Service{RPC: r}
		hosts[name] = static.SingleLocalHost(address(r.GRPCPort))
	}
	return services, hosts
}

// clusterConfig is a cluster of one, without an archive.
func clusterConfig(p Ports, store stores, services map[string]config.Service) *config.Config {
	c := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     storeName,
			VisibilityStore:  searchName,
			NumHistoryShards: historyShards,
			DataStores:       map[string]config.DataStore{storeName: {SQL: store.main}, searchName: {SQL: store.visibility}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {
				Enabled:                true,
				InitialFailoverVersion: 1,
				RPCAddress:             address(p.Frontend),
				HTTPAddress:            address(p.HTTP),
			}},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: address(p.Frontend)},
		Services:            services,
	}
	c.Global.Membership = config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback}
	const off = "disabled"
	c.Archival.History.State, c.Archival.Visibility.State = off, off
	c.NamespaceDefaults.Archival.History.State, c.NamespaceDefaults.Archival.Visibility.State = off, off
	return c
}

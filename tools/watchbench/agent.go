package main

import "context"

func measureAgent(ctx context.Context, s *settings) error { return nil }

package program

// siteCache is filled by the families of effects as they are asked for.
type siteCache struct{}

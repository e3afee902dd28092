package resp

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// The commands by what it means to do them twice, after the Redis 7 command reference. What is not listed is unknown.
const (
	readCommands = `get mget strlen getrange substr exists ttl pttl type keys scan randomkey dump object memory
		hget hmget hgetall hkeys hvals hlen hexists hscan hstrlen hrandfield lrange llen lindex lpos
		smembers sismember smismember scard srandmember sscan sinter sunion sdiff sintercard
		zrange zrangebyscore zrevrange zrevrangebyscore zrangebylex zrevrangebylex zrank zrevrank zscore zmscore zcard
		zcount zlexcount zscan zrandmember zinter zunion zdiff getbit bitcount bitpos pfcount geopos geodist geohash georadius_ro
		geosearch xrange xrevrange xlen xread xinfo xpending expiretime pexpiretime lcs dbsize info time lolwut
		json.get json.mget ft.search`
	controlCommands = `auth hello ping echo select quit client reset multi exec discard watch unwatch command config
		readonly readwrite asking wait waitaof cluster role slowlog latency acl module script function sentinel
		subscribe unsubscribe psubscribe punsubscribe ssubscribe sunsubscribe pubsub monitor debug sync psync replconf failover lastsave`
	idempotentCommands = `set setex psetex setnx mset msetnx setbit setrange del unlink expire pexpire expireat pexpireat persist
		hset hsetnx hmset hdel sadd srem zadd zrem zremrangebyrank zremrangebyscore zremrangebylex lset ltrim lrem
		rename renamenx copy flushdb flushall getset getex pfadd pfmerge geoadd xack xdel xtrim xgroup xsetid touch
		sinterstore sunionstore sdiffstore zunionstore zinterstore zdiffstore zrangestore bitop restore sort swapdb
		bgsave bgrewriteaof save json.set json.del smove geosearchstore`
	effectCommands = `incr incrby incrbyfloat decr decrby append hincrby hincrbyfloat zincrby lpush rpush lpushx rpushx
		linsert lpop rpop lmpop rpoplpush lmove blpop brpop blmpop brpoplpush blmove spop zpopmin zpopmax bzpopmin
		bzpopmax zmpop bzmpop getdel publish spublish xadd xreadgroup xclaim xautoclaim bitfield json.numincrby json.arrappend`
)

var classes = func() map[string]wire.Class {
	all := map[string]wire.Class{}
	for list, class := range map[string]wire.Class{
		readCommands: wire.Read, controlCommands: wire.Control, idempotentCommands: wire.Idempotent, effectCommands: wire.Effect,
	} {
		for _, name := range strings.Fields(list) {
			all[name] = class
		}
	}
	return all
}()

// classify says what it means to do a command twice.
func classify(args []string) wire.Class {
	class, known := classes[args[0]]
	if !known {
		return wire.Unknown
	}
	if args[0] == "zadd" {
		for _, a := range args[1:] {
			if strings.EqualFold(a, "incr") {
				return wire.Effect
			}
		}
	}
	return class
}

// keyless are commands whose first argument is not a key.
var keyless = map[string]bool{
	"auth": true, "hello": true, "eval": true, "evalsha": true, "eval_ro": true,
	"evalsha_ro": true, "fcall": true, "select": true, "echo": true, "ping": true,
}

// subcommands are commands whose first argument is a word of the command.
var subcommands = map[string]bool{"client": true, "config": true, "script": true, "object": true, "xgroup": true, "xinfo": true, "acl": true, "function": true, "memory": true}

// describe makes an operation of a command's first arguments.
func describe(args []string) *wire.Op {
	name := args[0]
	op := &wire.Op{Protocol: wire.Redis, Shape: strings.ToUpper(wire.General(name)), Class: classify(args)}
	switch {
	case keyless[name] || len(args) < 2:
	case subcommands[name]:
		op.Shape += " " + strings.ToUpper(wire.General(args[1]))
	default:
		op.Target = wire.General(args[1])
		op.Shape += " " + op.Target
	}
	if op.Class == wire.Unknown {
		op.Calls = true
	}
	return op
}

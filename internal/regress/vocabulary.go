package regress

import "strings"

// vocabulary is a set of meanings that the words of a name may have. Names are evidence only where no library row
// says what a thing is: a project's own "with self._state_lock" is a lock because of what it is called.
type vocabulary uint64

const (
	lockWord vocabulary = 1 << iota
	unlockWord
	semaphoreWord
	deadlineWord
	transactionWord
	permissionWord // speaks of permission and of nothing else
	accessWord     // may speak of permission
	limitWord      // a size or number that is compared
	maximumWord    // names a limit as such
	reachedWord
	knownWord // says that something was done or is there before
	retryWord
	pauseWord // the wait between attempts
	clockWord
	validateWord
	checkWord
	requireWord
	throttleWord
	getWord
	uniqueWord
	containmentWord // paths compared so that none leads outside
	copyWord
	shutdownWord
	endWord // ends what an object holds
	errorWord
	grantWord // asks for a permission, and is not said of anything else
	allowWord // true means yes
	refuseWord
)

// glossary lists the words of each meaning. A word may have several.
var glossary = map[vocabulary]string{
	lockWord:        "lock locks locked locking rlock mutex filelock flock rwlock synchronized critical lk",
	unlockWord:      "unlock unlocked unlocking",
	semaphoreWord:   "semaphore semaphores sem limiter throttle throttler ratelimit",
	deadlineWord:    "timeout timeouts deadline timelimit waitfor",
	transactionWord: "atomic transaction savepoint transactional",
	permissionWord: `permission permissions perm perms permitted auth authed authenticated authorized authorize authorization authentication login
		admin superuser staff csrf forbidden denied deny restricted restrict credentials credential unauthorized requestor privilege
		privileges privileged acl anonymous bearer 401 403`,
	accessWord:      "access token scope scopes origin public private hidden password policy can role roles owner owns allowed allow",
	limitWord:       "max limit limits size length len count maximum min minimum quota bound capacity large long many exceeded exceeds depth pixels",
	maximumWord:     "max limit limits maximum quota",
	reachedWord:     "reached exceeded over exceeds full",
	knownWord:       "seen known duplicate duplicates duplicated already exists existing processed handled delivered redelivered idempotent idempotency dedupe deduplicate",
	retryWord:       "retry retries retrying backoff jitter attempt attempts tries",
	pauseWord:       "sleep delay wait backoff jitter interval countdown",
	clockWord:       "time monotonic now clock elapsed perf",
	validateWord:    "validate validator validators validates validation validated",
	checkWord:       "check checks verify ensure require forbid assert",
	requireWord:     "required require requires mixin",
	throttleWord:    "limit limits ratelimit throttle limiter",
	getWord:         "get has is ensure create make init new",
	uniqueWord:      "unique",
	containmentWord: "realpath commonprefix commonpath",
	copyWord:        "copy deepcopy clone copied snapshot",
	shutdownWord:    "shutdown stop stopping exit teardown",
	endWord:         "close shutdown terminate disconnect cleanup release dispose",
	grantWord:       "permission permissions perm perms permitted authenticated superuser authorized authorization forbidden",
	allowWord:       "allow allows allowed can may within valid under accept accepts accepted ok fits permitted enough",
	refuseWord:      "exceeds exceeded over expired expire expires blocked limited invalid refuse refused reject rejected full too stale overdue throttled",
	errorWord:       "error errors invalid denied bad reject rejected rejection",
}

var meanings = func() map[string]vocabulary {
	m := map[string]vocabulary{}
	for meaning, words := range glossary {
		for _, w := range strings.Fields(words) {
			m[w] |= meaning
		}
	}
	return m
}()

// wordsOf gives the meanings of all words in text, whatever it is: a name, a dotted path or a whole expression.
func wordsOf(text string) vocabulary {
	var v vocabulary
	eachWord(text, func(word string) { v |= meanings[word] })
	return v
}

// has says whether text has a word of one of the meanings.
func has(text string, meaning vocabulary) bool { return wordsOf(text)&meaning != 0 }

// eachWord splits text at the borders of words in the usual spellings of names (snake_case, camelCase, HTTPServer)
// and calls visit with each in lower case.
func eachWord(text string, visit func(word string)) {
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case isLower(c):
			i = span(text, i, isLower)
		case isUpper(c):
			i = span(text, i, isUpper)
			if i < len(text) && isLower(text[i]) {
				if i-start > 1 {
					i-- // the last capital begins the next word
				} else {
					i = span(text, i, isLower)
				}
			}
		case isDigit(c):
			i = span(text, i, isDigit)
		default:
			i++
			continue
		}
		visit(strings.ToLower(text[start:i]))
	}
}

func span(text string, i int, in func(byte) bool) int {
	for i < len(text) && in(text[i]) {
		i++
	}
	return i
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isLock says whether the text names a lock.
func isLock(text string) bool {
	w := wordsOf(text)
	return w&lockWord != 0 && w&unlockWord == 0
}

// isDeadlineName says whether a parameter, attribute or key of this name bounds a wait.
func isDeadlineName(name string) bool {
	if has(name, deadlineWord) || strings.HasSuffix(strings.ToLower(name), "timeout") {
		return true
	}
	time, limit := false, false
	eachWord(name, func(w string) { time, limit = time || w == "time", limit || w == "limit" })
	return time && limit
}

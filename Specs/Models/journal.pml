/* The journal's commit, its tail in memory, and projections' tables beside it.
   What each part stands for, and what is left out: Specs/Models.md.

   The table that `check` reads:
   @run    commit  2311004
   @run    failed  586121  -DFAILS=1 -DCRASHES=1
   @run    flush   539552  -DFLUSHES=1 -DCRASHES=1
   @run    tables  3478224  -DPROJECTION -DPROCESSES=1
   @run    poison  804869  -DFLUSH_FAILS=1 -DCRASHES=1
   @run    reopen  933498  -DFLUSH_FAILS=2 -DPROCESSES=1 -DLARGE=1
   @run    large   603127  -DLARGE=1 -DCLOSES=1 -DCRASHES=1
   @run    reader  507953  -DREADER -DFLUSH_FAILS=1
   @run    left    164289  -DREADER -DLARGE=1 -DFLUSH_FAILS=1 -DCRASHES=1
   @run    pulled  60561  -DCACHE_LOST -DPROCESSES=1 -DLARGE=1
   @run    damaged 63829  -DDAMAGES=1 -DPROCESSES=1
   @live   l_answer  85653  -DCRASHES=1

   @prop   s_prefix  commit failed flush poison reopen large reader left pulled damaged tables
   @prop   s_whole   commit failed flush poison reopen large reader left pulled damaged tables
   @prop   s_once    commit failed flush poison reopen large reader left pulled damaged tables
   @prop   s_gap     commit failed flush poison reopen large reader left pulled damaged tables
   @prop   s_view    commit failed flush poison reopen large reader left pulled damaged
   @prop   s_index   flush
   @prop   s_mark    tables
   @prop   s_tables  tables
   @prop   l_answer  l_answer

   @reach  r_group      -DCRASHES=0
   @reach  r_duplicate  -DCRASHES=1
   @reach  r_lost       -DCRASHES=1
   @reach  r_kept       -DCRASHES=1
   @reach  r_dead       -DCRASHES=1
   @reach  r_flushed    -DCRASHES=1 -DFLUSHES=1
   @reach  r_back       -DPROJECTION -DPROCESSES=1 -DCRASHES=1
   @reach  r_other      -DPROJECTION -DPROCESSES=1 -DCRASHES=1
   @reach  r_unknown    -DFLUSH_FAILS=1
   @reach  r_taken      -DCRASHES=0 -DFAILS=1
   @reach  r_whole      -DCRASHES=1
   @reach  r_unsealed   -DCRASHES=1
   @reach  r_alone      -DCRASHES=1 -DPROCESSES=1
   @reach  r_left       -DCRASHES=1
   @reach  r_rewritten  -DFLUSH_FAILS=1 -DCRASHES=0
   @reach  r_closed     -DCLOSES=1 -DCRASHES=0
   @reach  r_viewed     -DCRASHES=1
   @reach  r_before     -DCRASHES=0
   @reach  r_stale      -DCRASHES=2
   @reach  r_joined     -DREADER
   @reach  r_damaged    -DDAMAGES=1 -DPROCESSES=1

   @mutant answer-early    s_prefix  caught  -DM_ANSWER_EARLY
   @mutant no-flush        s_prefix  caught  -DM_NO_FLUSH
   @mutant no-seal-check   s_whole   caught  -DM_NO_SEAL_CHECK
   @mutant arm-unflushed   s_whole   caught  -DM_ARM_UNFLUSHED
   @mutant found-unflushed s_prefix  caught  -DM_FOUND_UNFLUSHED
   @mutant found-unmarked  s_whole   caught  -DM_FOUND_UNMARKED
   @mutant large-unflushed s_whole   caught  -DM_UNSEALED_ANSWERED -DLARGE=1 -DCRASHES=1
   @mutant disarm-first    s_prefix  caught  -DM_DISARM_FIRST -DLARGE=1 -DPROCESSES=1
   @mutant seal-late       s_prefix  caught  -DM_SEAL_LATE -DFLUSHES=1 -DCRASHES=1
   @mutant mark-early      s_prefix  caught  -DM_MARK_EARLY -DCRASHES=1
   @mutant view-unmarked   s_prefix  caught  -DM_VIEW_UNMARKED -DCRASHES=1
   @mutant marked-back     s_prefix  caught  -DM_MARKED_BACK -DDAMAGES=1 -DPROCESSES=1
   @mutant back-open       s_whole   caught  -DM_BACK_OPEN
   @mutant boot-believed   s_whole   caught  -DM_BOOT_BELIEVED -DCACHE_LOST -DPROCESSES=1
   @mutant alone-left      s_whole   caught  -DM_ALONE_LEFT -DCACHE_LOST -DPROCESSES=1
   @mutant back-unmarked   s_whole   caught  -DM_BACK_UNMARKED -DLARGE=1 -DPROCESSES=1
   @mutant joined-late     s_whole   caught  -DM_JOINED_LATE -DREADER
   @mutant left-unwritten  s_prefix  caught  -DM_LEFT_UNWRITTEN -DREADER -DFLUSH_FAILS=1 -DLARGE=1
   @mutant not-rewritten   s_whole   caught  -DM_NOT_REWRITTEN -DFLUSH_FAILS=1
   @mutant goes-on         s_whole   caught  -DM_GOES_ON -DFLUSH_FAILS=1
   @mutant opened-late     s_whole   caught  -DM_OPENED_LATE -DFLUSH_FAILS=1
   @mutant seal-stays      s_whole   caught  -DM_SEAL_STAYS
   @mutant closes-early    s_whole   caught  -DM_CLOSE_EARLY -DCLOSES=1 -DFLUSH_FAILS=1 -DCRASHES=1
   @mutant closes-next     s_whole   caught  -DM_CLOSE_NEXT -DCLOSES=1 -DFAILS=1 -DCRASHES=1
   @mutant tables-unread   s_once    caught  -DM_TABLES_UNREAD -DFLUSHES=1
   @mutant no-look-up      s_once    caught  -DM_NO_LOOK_UP
   @mutant no-catch-up     s_prefix  caught  -DM_NO_CATCH_UP
   @mutant view-sequence   s_gap     caught  -DM_SEQUENCE_OF_VIEW -DCRASHES=1
   @mutant turns-in-parts  s_whole   caught  -DM_PARTS
   @mutant restart-late    s_view    caught  -DM_WINDOW -DFAILS=1
   @mutant no-restart      s_view    caught  -DM_TAIL_KEPT -DFAILS=1
   @mutant index-early     s_index   caught  -DM_INDEX_EARLY -DFLUSHES=1
   @mutant staged-taken    s_mark    caught  -DM_STAGED_TAKEN -DPROJECTION -DPROCESSES=1
   @mutant mark-of-view    s_mark    caught  -DM_VIEW_UNMARKED -DPROJECTION -DPROCESSES=1
   @mutant no-digest       s_tables  caught  -DM_NO_DIGEST -DPROJECTION -DPROCESSES=1
   @mutant lock-kept       l_answer  caught  -DM_LOCK_KEPT -DCRASHES=1
*/

#ifndef CRASHES
#define CRASHES 2    /* of one process, or of the machine */
#endif
#ifndef FLUSHES
#define FLUSHES 0    /* of the index */
#endif
#ifndef FAILS
#define FAILS 0      /* commits that fail while LMDB writes pages: a full disk */
#endif
#ifndef FLUSH_FAILS
#define FLUSH_FAILS 0 /* flushes that fail: a broken disk */
#endif
#ifndef LARGE
#define LARGE 0      /* commits of too many pages for a seal */
#endif
#ifndef CLOSES
#define CLOSES 0     /* of a journal, by a process that goes on */
#endif
#ifndef PROCESSES
#ifdef READER          /* one process writes, and one that reads has the journal open */
#define PROCESSES 1
#else
#define PROCESSES 2
#endif
#endif
#define TURNS 2
#define N 3          /* turn 0 appends two events, turn 1 one, all to one stream */

#ifndef ONLY
#define ONLY 0
#endif
#ifndef REACH
#define REACH 0
#endif
#define CHECK(p, x) assert((ONLY != 0 && ONLY != p) || (x))
#define REACHED(r, x) assert(REACH != r || !(x))
#define s_prefix 1
#define s_whole 2
#define s_once 3
#define s_gap 4
#define s_view 5
#define s_index 6
#define s_mark 7
#define s_tables 8
#define r_group 1      /* one commit answers two turns */
#define r_duplicate 2  /* a turn is answered by what an earlier try of it left */
#define r_lost 3       /* a machine's crash takes a commit back that nobody was answered */
#define r_kept 4       /* a commit that nobody was answered is found whole */
#define r_dead 5       /* a writer dies with LMDB's lock and its meta page written */
#define r_flushed 6    /* events are found in the index tables */
#define r_back 7       /* a crash takes tables back behind the journal */
#define r_other 8      /* tables of another journal are met */
#define r_unknown 10   /* the outcome of a commit is unknown */
#define r_taken 9      /* after a failed commit another process takes its positions */
#define r_whole 11     /* a commit of before a crash is found sealed and whole */
#define r_unsealed 12  /* one that a killed writer has not sealed is left to the next writer */
#define r_left 13      /* and by another writer, who seals it */
#define r_rewritten 14 /* pages are written once more after a flush that failed */
#define r_closed 15    /* a journal is closed, its newest commit on the disk */
#define r_stale 17     /* a seal of a commit that is gone is found, and taken away */
#define r_viewed 16    /* who opens to read takes a commit of another boot for durable */
#define r_before 18    /* and sees the commit before one that is not marked */
#define r_alone 19     /* an unsealed commit is taken back in the same boot */
#define r_joined 20    /* LMDB shows a commit that was taken back while somebody opened it */
#define r_damaged 21   /* a marked commit is damaged */

/* An event: its turn + 1, its place in the turn, its sequence. */
#define EV(turn, place, seq) (((turn) + 1) | ((place) << 2) | ((seq) << 3))
#define TURN(ev) (((ev) & 3) - 1)
#define SEQ(ev) ((ev) >> 3)
#define COUNT(turn) (2 - (turn))

/* What one LMDB transaction made: pages of the journal and the head record among them. */
typedef Version { byte txn; byte size; byte idx; byte ev[N] }

/* What stands in the page of a meta page: its transaction, the transaction that needs a seal here
   and who armed it, the one that is sealed and the digest of its pages, the one that is marked. */
typedef Slot { byte meta; byte arm; byte boot; byte seal; byte digest; byte mark }
#define EMPTY 64    /* of a meta page that has no trees */

Version cached[2];  /* pages as the kernel has them, by the slot of the meta page that names them */
Version disk[2];    /* the same as the drive has them */
Slot slot[2], diskSlot[2];
/* Since when the drive may have something else than the kernel: not; since something was written;
   since a flush failed, after which no later one brings it unless it is written once more. */
#define CLEAN 0
#define DIRTY 1
#define LIMBO 2
byte pagesAre[2], slotIs[2];
byte boot;          /* which start of the system this is */
byte last;          /* LMDB's number of the last transaction, in lock.mdb */
bool isStale;       /* nobody has the file open, or the lock's owner died */

#define FREE 9
byte lock = FREE;   /* the byte of rule 5, with LMDB's writer lock inside: its holder */
bool kill[2];
bool isAlive[2];    /* began to open the journal, or has it open */
bool hasFile[2];    /* has it open */
#ifdef READER
bool isReading;     /* a process that only reads has it open */
byte known;         /* the transaction that it took for durable when it opened it */
#define IS_OPEN(p) (hasFile[1 - (p)] || isReading)
#else
#define IS_OPEN(p) (hasFile[1 - (p)])
#endif
#ifdef DAMAGES
byte damagesLeft = DAMAGES;
bool isDamaged;     /* pages that were once on the drive are not there any more */
#else
#define isDamaged false
#endif
bool isTold[2];     /* the next flush of this open file tells of one that failed */
byte armed[2];      /* which transaction a process knows to be armed on the disk */
byte phase[2];      /* 1: in LMDB's transaction, 4: its meta page is written, 5: it has ended */
byte failsLeft = FAILS, flushFailsLeft = FLUSH_FAILS, flushesLeft = FLUSHES, largeLeft = LARGE;
byte closesLeft = CLOSES, crashesLeft = CRASHES;

/* The tail of a process: entries of the index beyond the tables; `end` counts staged ones. */
typedef Tail { byte base; byte end; byte ev[N] }
Tail tail[2];

/* Turns: 0 nobody waits, 1 + p waits at process p, 9 answered. */
byte at[TURNS];
bool isAcked[TURNS];
#ifdef M_INDEX_EARLY
byte indexed;       /* an indexed position that is on the drive before its events are */
#endif
byte ackedLen;      /* the journal's length at the last answer or view: nothing of it may go */
byte ackedEv[N];

#define META(x) (x.meta & (EMPTY - 1))

/* The newest meta page. */
#define TOP (META(slot[0]) > META(slot[1]) -> META(slot[0]) : META(slot[1]))

#define NOW cached[last & 1]

/* A transaction's arm and seal in its slot, and whether its pages are those that were sealed. */
#define ARMED(t) (slot[(t) & 1].arm == (t))
#define SEALED(t) (slot[(t) & 1].seal == (t))
#define DIGEST(v) (v.size | (v.idx << 2) | ((v.ev[0] & 3) << 4))
#define HOLDS(t) (SEALED(t) && slot[(t) & 1].meta == (t) && cached[(t) & 1].txn == (t) && \
  slot[(t) & 1].digest == DIGEST(cached[(t) & 1]))

#define MARKED(t) (slot[(t) & 1].mark == (t))

/* `NewestCommit.flaw`: only a part of it is there. */
#ifdef M_BOOT_BELIEVED
#define BROKEN(t) (ARMED(t) && !HOLDS(t) && slot[(t) & 1].boot != boot)
#else
#define BROKEN(t) (ARMED(t) && !HOLDS(t) && \
  (SEALED(t) || MARKED(t) || slot[(t) & 1].boot != boot))
#endif
/* `NewestCommit.durableID`: whether who opens the journal may take its newest commit for durable,
   where that is not broken. */
#define HAS_BEFORE(t) (OTHER(t).meta == (t) - 1 && (!ARMED((t) - 1) || HOLDS((t) - 1)))
#define OTHER(t) slot[1 - ((t) & 1)]
#define COUNTS(t) (MARKED(t) || \
  (ARMED(t) -> HOLDS(t) && slot[(t) & 1].boot != boot : OTHER(t).arm == 0 || OTHER(t).boot != boot))

inline armFor(t) { slot[(t) & 1].arm = t; slot[(t) & 1].boot = boot; slotIs[(t) & 1] = DIRTY }
inline disarmOf(t) { slot[(t) & 1].arm = 0; slot[(t) & 1].boot = 0; slotIs[(t) & 1] = DIRTY }
inline sealOf(t) {
  slot[(t) & 1].seal = t; slot[(t) & 1].digest = DIGEST(cached[(t) & 1]);
  slotIs[(t) & 1] = DIRTY
}
inline unsealOf(t) { slot[(t) & 1].seal = 0; slot[(t) & 1].digest = 0; slotIs[(t) & 1] = DIRTY }
inline markOf(t) { slot[(t) & 1].mark = t; slotIs[(t) & 1] = DIRTY }

inline copyVersion(to, from) {
  to.txn = from.txn; to.size = from.size; to.idx = from.idx;
  to.ev[0] = from.ev[0]; to.ev[1] = from.ev[1]; to.ev[2] = from.ev[2]
}

inline copySlot(to, from) {
  to.meta = from.meta; to.arm = from.arm; to.boot = from.boot;
  to.seal = from.seal; to.digest = from.digest; to.mark = from.mark
}

/* What was written since the last flush goes to the drive. */
inline bring() {
  i = 0;
  do
  :: i < 2 ->
     if :: pagesAre[i] == DIRTY -> copyVersion(disk[i], cached[i]); pagesAre[i] = CLEAN :: else fi;
     if :: slotIs[i] == DIRTY -> copySlot(diskSlot[i], slot[i]); slotIs[i] = CLEAN :: else fi;
     i++
  :: else -> break
  od;
  i = 0
}

/* Some of it does, and the kernel takes all of it for clean: each open file is told once. */
inline lose(p) {
  flushFailsLeft--;
  if :: pagesAre[0] == DIRTY -> pagesAre[0] = LIMBO :: else fi;
  if :: pagesAre[1] == DIRTY -> pagesAre[1] = LIMBO :: else fi;
  if :: slotIs[0] == DIRTY -> slotIs[0] = LIMBO :: else fi;
  if :: slotIs[1] == DIRTY -> slotIs[1] = LIMBO :: else fi;
  if :: p != 0 && isAlive[0] -> isTold[0] = true :: else fi;
  if :: p != 1 && isAlive[1] -> isTold[1] = true :: else fi
}

/* `CommitFile.flush`. */
inline flush(p) {
  if
  :: true ->
     bring();
     isBad = isTold[p]; isTold[p] = false
  :: !isTold[p] && flushFailsLeft > 0 -> lose(p); isBad = true
  fi
}

/* What whoever opens finds: compared with all that was ever answered. */
inline compare() {
  /* `Transaction.head()`: the head record names the transaction it was written in. */
  CHECK(s_whole, slot[last & 1].meta == last && NOW.txn == last);
  CHECK(s_index, NOW.idx <= NOW.size);
  CHECK(s_prefix, NOW.size >= ackedLen);
  CHECK(s_gap, NOW.size < 1 || SEQ(NOW.ev[0]) == 1);
  CHECK(s_gap, NOW.size < 2 || SEQ(NOW.ev[1]) == 2);
  CHECK(s_gap, NOW.size < 3 || SEQ(NOW.ev[2]) == 3);
  CHECK(s_prefix, ackedLen < 1 || NOW.ev[0] == ackedEv[0]);
  CHECK(s_prefix, ackedLen < 2 || NOW.ev[1] == ackedEv[1]);
  CHECK(s_prefix, ackedLen < 3 || NOW.ev[2] == ackedEv[2]);
  /* A turn of two events is there whole or not at all. */
  i = 0; n = 0;
  do
  :: i < NOW.size -> if :: TURN(NOW.ev[i]) == 0 -> n++ :: else fi; i++
  :: else -> break
  od;
  CHECK(s_whole, n != 1);
#ifdef PROJECTION
  CHECK(s_mark, isRestored || diskTables.pos <= NOW.size);
#endif
  CHECK(s_once, n <= 2 && NOW.size - n <= 1);
  i = 0; n = 0
}

#ifdef PROJECTION
/* Tables of one projection: entries that copy the events, and the mark. */
typedef Tables { byte pos; byte digest; byte ev[N] }
Tables cachedTables, diskTables;
bool isRestored;
Version copy;       /* an older copy of the journal */
bool hasCopy;

inline copyTables(to, from) {
  to.pos = from.pos; to.digest = from.digest;
  to.ev[0] = from.ev[0]; to.ev[1] = from.ev[1]; to.ev[2] = from.ev[2]
}
#endif

/* `IndexTail.drop` and `IndexTail.catchUp`. */
inline catchUp(p, w) {
  if
  :: tail[p].end <= w.idx -> tail[p].base = w.idx; tail[p].end = w.idx
  :: else
  fi;
#ifndef M_NO_CATCH_UP
  do
  :: tail[p].end < w.size ->
     tail[p].ev[tail[p].end] = w.ev[tail[p].end];
     tail[p].end++
  :: else -> break
  od
#endif
}

/* `IndexTail.restart`. */
inline restart(p) { tail[p].base = NOW.idx; tail[p].end = NOW.idx }

/* `WriterBatch.receipt(of:)`: an event id is looked up in the tail, then in the tables. */
inline lookUp(p, turn) {
  isFound = false; i = 0;
#ifdef M_NO_LOOK_UP
  i = N;
#endif
  do
  :: i < tail[p].end ->
     if
     :: i >= tail[p].base && TURN(tail[p].ev[i]) == turn -> isFound = true
#ifndef M_TABLES_UNREAD
     :: i < tail[p].base && TURN(NOW.ev[i]) == turn -> isFound = true
        REACHED(r_flushed, true)
#endif
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0
}

inline stage(p, turn) {
  n = 0;
  do
  :: n < COUNT(turn) ->
#ifdef M_SEQUENCE_OF_VIEW
     /* The sequence is looked up before the batch, not in it. */
     tail[p].ev[tail[p].end] = EV(turn, n, NOW.size + n + 1);
#else
     tail[p].ev[tail[p].end] = EV(turn, n, tail[p].end + 1);
#endif
     tail[p].end++; n++
  :: else -> break
  od;
  n = 0
}

/* An answer, or what a view may see: from here on nothing of it may ever go. */
inline acknowledge(v) {
  if
  :: v.size > ackedLen ->
     ackedLen = v.size;
     ackedEv[0] = v.ev[0]; ackedEv[1] = v.ev[1]; ackedEv[2] = v.ev[2]
  :: else
  fi
}

/* `WaitingTurn.answer`, for each turn of the batch. */
inline answer(p) {
  if :: at[0] == 1 + p && (batch & 1) -> at[0] = 9; isAcked[0] = true; tell(0) :: else fi;
  if :: at[1] == 1 + p && (batch & 2) -> at[1] = 9; isAcked[1] = true; tell(1) :: else fi;
  if
  :: batch != 0 && staged > 0 -> acknowledge(cached[next & 1])
  :: batch != 0 && staged == 0 -> acknowledge(NOW)
  :: else
  fi
}

/* Who is answered finds what was asked for in the journal, on the drive. */
inline tell(turn) {
  i = 0; isFound = false;
  do
  :: i < NOW.size -> isFound = (isFound || TURN(NOW.ev[i]) == turn); i++
  :: else -> break
  od;
  CHECK(s_prefix, isFound);
  i = 0; isFound = false
}

/* `WaitingTurn.fail`, or a process that is gone: the caller tries again, under the same ids. */
inline refuse(p) {
  if :: at[0] == 1 + p -> at[0] = 0 :: else fi;
  if :: at[1] == 1 + p -> at[1] = 0 :: else fi
}

/* A view, of an LMDB that shows transaction `t` and a process that took `d` for durable when it
   opened the journal: `Environment.settle`. */
#ifdef M_VIEW_UNMARKED
#define SEEN(t, d) (t)
#else
#define SEEN(t, d) (MARKED(t) || TOP > (t) || (d) == (t) -> (t) : (t) - 1)
#endif

/* Of a process that has the journal open. */
#define SHOWN cached[seen & 1]

/* It finds all that was answered, and from here on nothing of what it finds may ever go. */
inline see(t) {
  CHECK(s_whole, slot[(t) & 1].meta == (t) && cached[(t) & 1].txn == (t));
  CHECK(s_prefix, cached[(t) & 1].size >= ackedLen);
  acknowledge(cached[(t) & 1])
}

/* `CommitRecovery.settle`: under the lock, looks at the newest meta page. */
inline look(p) {
  n = TOP; isBack = false; isMark = false;
  if
#ifdef M_NO_SEAL_CHECK
  :: false
#else
  :: BROKEN(n) ->
#ifndef M_MARKED_BACK
     CHECK(s_whole, isDamaged || !MARKED(n));
#endif
     /* It was cut short; without one before it that is whole, that were damage. */
     CHECK(s_whole, isDamaged || HAS_BEFORE(n));
     /* Only if nobody has it open. */
     CHECK(s_whole, isDamaged || !IS_OPEN(p));
     REACHED(r_lost, !isDamaged);
#ifdef M_MARKED_BACK
     isBack = true
#else
     isBack = !MARKED(n)
#endif
#endif
  :: else ->
     CHECK(s_whole, !ARMED(n) || !SEALED(n) || HOLDS(n));
     REACHED(r_whole, ARMED(n) && slot[n & 1].boot != boot);
     if
     :: ARMED(n) && !SEALED(n) ->
        REACHED(r_unsealed, IS_OPEN(p));
        REACHED(r_alone, !IS_OPEN(p));
#ifdef M_BACK_OPEN
        isBack = true
#elif defined(M_ALONE_LEFT)
        isBack = false
#else
        isBack = !IS_OPEN(p)
#endif
     :: else -> isMark = true
     fi
  fi
}

/* `takeBack`, or `writeAgain`. */
inline change() {
  if
  :: isBack ->
     slot[n & 1].meta = (n - 2) | EMPTY; slot[n & 1].mark = 0; unsealOf(n)
  :: else ->
     /* What is on the drive as it is in the kernel does not change by being written once more. */
     REACHED(r_rewritten, ARMED(n) && pagesAre[n & 1] == LIMBO);
#ifdef M_LEFT_UNWRITTEN
#define IS_WRITTEN isMark
#else
#define IS_WRITTEN true
#endif
#ifndef M_NOT_REWRITTEN
     if :: IS_WRITTEN && slotIs[0] == LIMBO -> slotIs[0] = DIRTY :: else fi;
     if :: IS_WRITTEN && slotIs[1] == LIMBO -> slotIs[1] = DIRTY :: else fi;
     if
     :: IS_WRITTEN && ARMED(n) && pagesAre[n & 1] == LIMBO -> pagesAre[n & 1] = DIRTY
     :: else
     fi
#endif
  fi
}

/* Before a transaction: rule 3. */
#ifdef M_CLOSE_NEXT  /* and nobody looks whether the arm is there */
#define IS_PREPARED(p) (armed[p] == next)
#else
#define IS_PREPARED(p) (armed[p] == next && ARMED(next))
#endif

/* `CommitSealer.writeArm`. */
inline writeArm() {
#ifndef M_SEAL_STAYS
  /* One that a crash has left of another commit of the same number. */
  if :: SEALED(next) -> REACHED(r_stale, true); unsealOf(next) :: else fi;
#endif
  armFor(next)
}

/* `sealWhatWasLeft`, of a commit that is not too large. */
inline sealLeft() {
  if :: ARMED(last) && !SEALED(last) -> REACHED(r_left, true); sealOf(last) :: else fi
}

/* Rule 4: who reads only must not find the commit unarmed before the next is armed. */
#ifdef M_DISARM_FIRST
#define DISARM_1(t) disarmOf(t)
#define DISARM_2(t) armFor(t + 1)
#else
#define DISARM_1(t) armFor(t + 1)
#define DISARM_2(t) disarmOf(t)
#endif

#ifdef M_GOES_ON
#define GOES_ON true
#else
#define GOES_ON false
#endif

proctype Process(byte p) {
  byte i, n, next, batch, staged;
  bool isFound, isFlush, isBad, isLeft, isBack, isMark;

reopen:
  atomic {
    (!kill[p] && lock == FREE) ->
    isAlive[p] = true; isTold[p] = false;
    lock = p; phase[p] = 0;
    look(p);
#ifdef DAMAGES
    !isDamaged || isBack;
#endif
#ifndef READER
    change()
#endif
  }
  {
#ifdef READER
    atomic { change() };
#endif
    atomic {
      flush(p);
      if
      :: isBad -> lock = FREE; goto closed
      :: !isBad && isMark -> markOf(n)
#ifndef M_BACK_UNMARKED
      :: !isBad && isBack -> markOf(n - 1)
#endif
      :: else
      fi
    };
#ifdef M_OPENED_LATE
    atomic { n = 0; isBack = false; isMark = false; lock = FREE };
    atomic { lock == FREE -> lock = p; isTold[p] = false };
#endif
    /* LMDB opens the file. */
    atomic {
      n = 0; isBack = false; isMark = false;
      if :: !IS_OPEN(p) -> last = TOP; isStale = false :: else fi;
#ifdef READER
#ifndef M_JOINED_LATE
      /* Who reads opened it before the commit that LMDB shows was taken back. */
      if :: !isStale && last != TOP -> REACHED(r_joined, true); lock = FREE; goto closed :: else fi;
#endif
#endif
      hasFile[p] = true; armed[p] = 0;
      compare();
      restart(p);
      lock = FREE
    };
    do
    :: /* `Writer.attemptBatch`: the lock, then LMDB's, then what others appended. */
       atomic {
         (lock == FREE && !isStale &&
          (at[0] == 1 + p || at[1] == 1 + p || (flushesLeft > 0 && NOW.idx < NOW.size))) ->
         lock = p; phase[p] = 1;
         next = last + 1
       };
       /* `CommitSealer.prepare`. */
#ifndef M_FOUND_UNFLUSHED
       if
       :: atomic { IS_PREPARED(p) -> skip }
       :: atomic {
            else ->
            armed[p] = 0;
            if
            :: true -> sealLeft(); writeArm()
            :: ARMED(last) && !SEALED(last) && largeLeft > 0 ->
               largeLeft--; isLeft = true;
               flush(p);
               if :: isBad -> lock = FREE; goto closed :: else fi
            fi
          };
          if
          :: atomic { isLeft -> isLeft = false; DISARM_1(last) };
             atomic { DISARM_2(last) }
          :: atomic { !isLeft -> skip }
          fi;
          atomic {
#ifdef M_ARM_UNFLUSHED
            armed[p] = next; markOf(last)
#else
            flush(p);
            if
            :: isBad && !GOES_ON ->
               lock = FREE; goto closed
            :: else ->
               armed[p] = next;
#ifndef M_FOUND_UNMARKED
               markOf(last);
#endif
               acknowledge(NOW)
            fi
#endif
          }
       fi;
#endif
       atomic {
         catchUp(p, NOW); batch = 0; isFlush = false;
         /* `Writer.run`: the turns that wait, one after another in one batch. */
         if
         :: at[0] == 1 + p ->
            lookUp(p, 0);
            if
            :: isFound -> REACHED(r_duplicate, true)
            :: else -> stage(p, 0)
            fi;
            batch = batch | 1
         :: at[0] != 1 + p
         fi;
         if
         :: at[1] == 1 + p ->
            lookUp(p, 1);
            if
            :: isFound -> REACHED(r_duplicate, true)
            :: else -> stage(p, 1)
            fi;
            batch = batch | 2
         :: at[1] != 1 + p
         fi;
         staged = tail[p].end - NOW.size;
#ifdef M_INDEX_EARLY
         if :: flushesLeft > 0 -> indexed = tail[p].end :: else fi;
#endif
         if
         :: batch == 0 && flushesLeft > 0 && NOW.idx < NOW.size ->
            isFlush = true; flushesLeft--
         :: batch == 0 && !(flushesLeft > 0 && NOW.idx < NOW.size)
         :: batch != 0
         fi
       };
       if
       :: atomic { staged == 0 && !isFlush -> lock = FREE; phase[p] = 0; answer(p); batch = 0 }
       :: atomic {
            else ->
#ifdef M_FOUND_UNFLUSHED
            if
            :: IS_PREPARED(p)
            :: else ->
               sealLeft(); writeArm(); flush(p);
               if :: isBad -> lock = FREE; goto closed :: else -> armed[p] = next fi
            fi;
#endif
            /* The pages go to the kernel, one by one, and to the drive whenever it likes. */
            cached[next & 1].txn = 255; pagesAre[next & 1] = DIRTY
          };
          if
          :: atomic {
               /* LMDB cannot write: nothing was committed, it lets its lock go. */
               failsLeft > 0 && !isFlush -> failsLeft--;
#ifndef M_TAIL_KEPT
#ifndef M_WINDOW
               restart(p);
#endif
#endif
               lock = FREE
             };
             atomic {
               REACHED(r_taken, NOW.size > cached[(next - 1) & 1].size && last == next);
#ifdef M_WINDOW
               /* `Writer.attemptBatch` begins the tail anew once the lock is gone. */
               restart(p);
#endif
               phase[p] = 0; batch = 0;
               refuse(p)
             }
          :: atomic {
               true ->
               cached[next & 1].txn = next;
               cached[next & 1].size = tail[p].end;
#ifdef M_PARTS
               if :: staged > 1 && !isFlush -> cached[next & 1].size = NOW.size + 1 :: else fi;
#endif
               cached[next & 1].idx = (isFlush -> tail[p].end : NOW.idx);
               i = 0;
               do
               :: i < N ->
                  if
                  :: i >= NOW.size && i < tail[p].end -> cached[next & 1].ev[i] = tail[p].ev[i]
                  :: i < NOW.size -> cached[next & 1].ev[i] = NOW.ev[i]
                  :: else -> cached[next & 1].ev[i] = 0
                  fi;
                  i++
               :: else -> break
               od;
               i = 0;
               slot[next & 1].meta = next; slotIs[next & 1] = DIRTY;
               phase[p] = 4
             };
             atomic {
               /* LMDB's transaction has ended: it shows the commit to every view, and whoever saw
                  the one before need not wait any more. */
               acknowledge(NOW);
               last = next; phase[p] = 5;
#ifdef M_PARTS
               tail[p].end = NOW.size;
#endif
#ifdef M_SEAL_LATE
               lock = FREE;
#endif
               REACHED(r_group, batch == 3 && staged == 3)
#ifdef M_ANSWER_EARLY
               ; answer(p)
#endif
             };
             /* `CommitSealer.seal`. */
             armed[p] = 0;
             if
             :: atomic {
                  true ->
#ifdef M_MARK_EARLY
                  markOf(next);
#endif
                  sealOf(next); armFor(next + 1)
                }
             :: atomic {
                  largeLeft > 0 -> largeLeft--;
#ifndef M_UNSEALED_ANSWERED
                  flush(p);
                  if :: isBad && !GOES_ON -> lock = FREE; goto closed :: else fi
#endif
                };
                atomic { DISARM_1(next) };
                atomic { DISARM_2(next) }
             fi;
             atomic {
#ifndef M_NO_FLUSH
               flush(p);
               if
               :: isBad ->
                  REACHED(r_unknown, true);
                  if :: lock == p -> lock = FREE :: else fi;
#ifdef M_GOES_ON
                  batch = 0; refuse(p)
#else
                  goto closed
#endif
               :: else -> armed[p] = next + 1; markOf(next)
               fi
#else
               armed[p] = next + 1; markOf(next)
#endif
             };
             atomic { if :: lock == p -> lock = FREE :: else fi; answer(p) }
          fi
       fi;
       atomic { phase[p] = 0; batch = 0; staged = 0; next = 0; isFlush = false }
    :: atomic { isStale && lock == FREE -> last = TOP; isStale = false }
    :: /* `Environment.finishCommits`. */
       atomic {
         closesLeft > 0 && lock == FREE && !isStale -> closesLeft--;
         lock = p;
         if
#ifdef M_CLOSE_EARLY
         :: true -> disarmOf(last)
#elif defined(M_CLOSE_NEXT)
         :: armed[p] == last + 1 -> disarmOf(last + 1)
#else
         :: armed[p] == last + 1 -> REACHED(r_closed, true); disarmOf(last)
#endif
         :: else
         fi;
         armed[p] = 0
       };
       atomic { flush(p); lock = FREE; goto closed }
    od
  } unless { atomic { kill[p] -> skip } };
closed:
  atomic {
    /* The kernel lets go of what a dead process had. */
    if
#ifdef M_LOCK_KEPT
    :: lock == p -> isStale = true
#else
    :: lock == p -> lock = FREE;
       if :: phase[p] == 1 || phase[p] == 4 -> isStale = true :: else fi;
       REACHED(r_dead, phase[p] == 4)
#endif
    :: else
    fi;
    refuse(p);
    isAlive[p] = false; hasFile[p] = false; kill[p] = false; phase[p] = 0;
    isTold[p] = false; armed[p] = 0;
    tail[p].base = 0; tail[p].end = 0;
    i = 0; n = 0; next = 0; batch = 0; staged = 0; isFound = false; isFlush = false;
    isBad = false; isLeft = false; isBack = false; isMark = false;
    goto reopen
  }
}

#if !defined(LTL) && !defined(PROJECTION)
/* `JournalCore.read`: a view begins together with what the tail of its process has. */
active proctype Reader() {
  byte i, seen;
  do
  :: atomic {
       hasFile[0] && !kill[0] && !isStale && tail[0].end > 0 ->
       seen = SEEN(last, 0); see(seen);
       catchUp(0, SHOWN);
       i = tail[0].base;
       do
       :: i < SHOWN.size -> CHECK(s_view, tail[0].ev[i] == SHOWN.ev[i]); i++
       :: else -> break
       od;
       i = 0; seen = 0
     }
  od
}

#ifdef CACHE_LOST
#define MAY_READ (hasFile[0] || hasFile[1])
#else
#define MAY_READ true
#endif

/* A process that opens the journal to read. What is cut short, or damaged, it does not open. */
active proctype Viewer() {
  byte t;
  do
#ifdef READER
  :: atomic {
       last > 0 && !isReading && !BROKEN(TOP) ->
       if :: !hasFile[0] && !hasFile[1] -> last = TOP; isStale = false :: else fi;
       isReading = true;
       known = (COUNTS(TOP) -> TOP : 0)
     }
  :: atomic { isReading -> t = SEEN(last, known); see(t); t = 0 }
  :: atomic { isReading -> isReading = false; known = 0 }
#else
  :: atomic {
       last > 0 && !BROKEN(TOP) && MAY_READ ->
       t = (hasFile[0] || hasFile[1] -> last : TOP);
       REACHED(r_viewed, t == TOP && ARMED(t) && !MARKED(t) && COUNTS(t));
       REACHED(r_before, t == TOP && !COUNTS(t));
       t = SEEN(t, (COUNTS(TOP) -> TOP : 0));
       see(t);
       t = 0
     }
#endif
  od
}
#endif

/* Callers who try again until they are answered. */
active proctype Callers() {
  do
  :: atomic { at[0] == 0 && !isAcked[0] && hasFile[0] -> at[0] = 1 }
  :: atomic { at[1] == 0 && !isAcked[1] && hasFile[0] -> at[1] = 1 }
#if PROCESSES == 2
  :: atomic { at[0] == 0 && !isAcked[0] && hasFile[1] -> at[0] = 2 }
  :: atomic { at[1] == 0 && !isAcked[1] && hasFile[1] -> at[1] = 2 }
#endif
  od
}

/* The machine stops: of what was not flushed anything may be on the drive, in halves too. */
inline stopMachine() {
  s = 0;
  do
  :: s < 2 ->
     if
     :: pagesAre[s] != CLEAN -> copyVersion(disk[s], cached[s])
     :: pagesAre[s] != CLEAN -> disk[s].txn = 255
     :: true
     fi;
     if
     :: slotIs[s] != CLEAN ->
        if :: diskSlot[s].meta = slot[s].meta :: diskSlot[s].meta != slot[s].meta fi;
        if
        :: diskSlot[s].arm = slot[s].arm; diskSlot[s].boot = slot[s].boot
        :: diskSlot[s].arm != slot[s].arm
        :: diskSlot[s].arm != slot[s].arm -> diskSlot[s].arm = 0; diskSlot[s].boot = 0
        fi;
        if
        :: diskSlot[s].seal = slot[s].seal; diskSlot[s].digest = slot[s].digest
        :: diskSlot[s].seal != slot[s].seal
        :: diskSlot[s].seal != slot[s].seal -> diskSlot[s].seal = 0; diskSlot[s].digest = 0
        fi;
        if
        :: diskSlot[s].mark = slot[s].mark
        :: diskSlot[s].mark != slot[s].mark
        :: diskSlot[s].mark != slot[s].mark -> diskSlot[s].mark = 0
        fi
     :: else
     fi;
     pagesAre[s] = CLEAN; slotIs[s] = CLEAN;
     copyVersion(cached[s], disk[s]);
     copySlot(slot[s], diskSlot[s]);
     s++
  :: else -> break
  od;
  s = 0;
#ifndef CACHE_LOST
  boot++;
#endif
  if :: isAlive[0] -> kill[0] = true :: else fi;
  if :: isAlive[1] -> kill[1] = true :: else fi;
  hasFile[0] = false; hasFile[1] = false;
  lock = FREE; isStale = false;
#ifdef READER
  isReading = false; known = 0;
#endif
  last = TOP;
#ifdef DAMAGES
  if
  :: damagesLeft > 0 && ARMED(last) && MARKED(last) ->
     damagesLeft--; isDamaged = true; REACHED(r_damaged, true);
     cached[last & 1].txn = 255; disk[last & 1].txn = 255
  :: true
  fi;
#endif
  REACHED(r_kept, HOLDS(last) && NOW.size > ackedLen)
}

active proctype Crasher() {
  byte s;
  do
  :: atomic {
       crashesLeft > 0 && isAlive[0] && !kill[0] ->
       crashesLeft--; kill[0] = true
     }
#if PROCESSES == 2
  :: atomic {
       crashesLeft > 0 && isAlive[1] && !kill[1] ->
       crashesLeft--; kill[1] = true
     }
#endif
  :: atomic {
       crashesLeft > 0 -> crashesLeft--;
       stopMachine();
#ifdef M_INDEX_EARLY
       cached[0].idx = indexed; cached[1].idx = indexed;
#endif
#ifdef PROJECTION
       if :: copyTables(cachedTables, diskTables) :: copyTables(diskTables, cachedTables) fi;
#endif
       skip
     }
  od
}

#ifdef PROJECTION
/* `LiveProjection`: takes in what came, and stores it expecting the mark that it went on from. */
active proctype Projection() {
  byte i, seen, from, digest;
  Tables own;
  do
  :: atomic {
       !isStale && !kill[0] && hasFile[0] ->
       seen = SEEN(last, 0); see(seen);
       /* `goOnFromStore`: a mark of another journal, or of a later one, is worth nothing. */
       from = cachedTables.pos; digest = cachedTables.digest;
       copyTables(own, cachedTables);
       if
#ifdef M_NO_DIGEST
       :: own.pos > SHOWN.size -> own.pos = 0
#else
       :: own.pos > SHOWN.size || (own.pos > 0 && SHOWN.ev[own.pos - 1] != own.digest) ->
          REACHED(r_other, own.pos <= SHOWN.size);
          own.pos = 0
#endif
       :: else
       fi;
       REACHED(r_back, own.pos < SHOWN.size && crashesLeft < CRASHES && from > 0);
       i = 0;
       do
       :: i < own.pos -> CHECK(s_tables, own.ev[i] == SHOWN.ev[i]); i++
       :: else -> break
       od;
#ifdef M_STAGED_TAKEN
       do
       :: i < tail[0].end -> own.ev[i] = tail[0].ev[i]; i++
       :: else -> break
       od;
#else
       do
       :: i < SHOWN.size -> own.ev[i] = SHOWN.ev[i]; i++
       :: else -> break
       od;
#endif
       own.pos = i;
       own.digest = (i > 0 -> own.ev[i - 1] : 0);
       i = 0; seen = 0
     };
     atomic {
       /* `ProjectionStore.write(_:to:expecting:)`. */
       if
       :: own.pos > 0 && cachedTables.pos == from && cachedTables.digest == digest ->
          copyTables(cachedTables, own)
       :: else
       fi;
       own.pos = 0; own.digest = 0; own.ev[0] = 0; own.ev[1] = 0; own.ev[2] = 0;
       from = 0; digest = 0
     }
  :: atomic { cachedTables.pos != diskTables.pos -> copyTables(diskTables, cachedTables) }
  :: atomic {
       !hasCopy && !isStale && !kill[0] && hasFile[0] ->
       hasCopy = true;
       seen = SEEN(last, 0); see(seen);
       copyVersion(copy, SHOWN); seen = 0
     }
  :: /* An older copy takes the place of the journal; its tables stay where they are. */
     atomic {
       hasCopy && !isRestored && !isStale && lock == FREE && !kill[0] && hasFile[0] ->
       isRestored = true;
       kill[0] = true;
       last = copy.txn;
       copyVersion(cached[last & 1], copy); copyVersion(disk[last & 1], copy);
       cached[1 - (last & 1)].txn = 0; disk[1 - (last & 1)].txn = 0;
       pagesAre[0] = CLEAN; pagesAre[1] = CLEAN; slotIs[0] = CLEAN; slotIs[1] = CLEAN;
       slot[last & 1].meta = last; slot[last & 1].arm = 0; slot[last & 1].boot = 0;
       slot[last & 1].seal = 0; slot[last & 1].digest = 0; slot[last & 1].mark = 0;
       slot[1 - (last & 1)].meta = EMPTY; slot[1 - (last & 1)].arm = 0;
       slot[1 - (last & 1)].boot = 0;
       slot[1 - (last & 1)].seal = 0; slot[1 - (last & 1)].digest = 0;
       slot[1 - (last & 1)].mark = 0;
       copySlot(diskSlot[0], slot[0]); copySlot(diskSlot[1], slot[1]);
       ackedLen = NOW.size;
       ackedEv[0] = NOW.ev[0]; ackedEv[1] = NOW.ev[1]; ackedEv[2] = NOW.ev[2];
       if
       :: NOW.size == 0 -> isAcked[0] = false; isAcked[1] = false
       :: NOW.size == 1 -> isAcked[0] = false
       :: NOW.size == 2 -> isAcked[1] = false
       :: else
       fi;
       if :: at[0] == 9 && !isAcked[0] -> at[0] = 0 :: else fi;
       if :: at[1] == 9 && !isAcked[1] -> at[1] = 0 :: else fi
     }
  od
}
#endif

init {
  atomic {
    /* A journal that was born: one empty transaction. */
    cached[1].txn = 1; disk[1].txn = 1;
    slot[1].meta = 1; diskSlot[1].meta = 1; slot[0].meta = EMPTY; diskSlot[0].meta = EMPTY;
    last = 1;
    run Process(0);
#if PROCESSES == 2
    run Process(1)
#endif
  }
}

#ifdef LTL
ltl l_answer { <> (isAcked[0] && isAcked[1]) }
#endif

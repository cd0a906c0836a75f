/* The journal's commit, its tail in memory, and projections' tables beside it.
   What each part stands for, and what is left out: Specs/Models.md.

   The table that `check` reads:
   @run    commit  642699  -DFAILS=1
   @run    flush   73375   -DFLUSHES=1 -DCRASHES=1
   @run    tables  426528  -DPROJECTION -DPROCESSES=1
   @run    poison  8725    -DMETA_FAILS=1 -DPROCESSES=1
   @live   l_answer  95498  -DCRASHES=1 -DFAILS=1

   @prop   s_prefix  commit flush poison tables
   @prop   s_whole   commit flush poison tables
   @prop   s_once    commit flush tables
   @prop   s_gap     commit flush tables
   @prop   s_view    commit flush
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
   @reach  r_unknown    -DMETA_FAILS=1
   @reach  r_taken      -DCRASHES=0 -DFAILS=1

   @mutant answer-early    s_prefix  caught  -DM_ANSWER_EARLY
   @mutant no-meta-flush   s_prefix  caught  -DM_NO_META_FLUSH
   @mutant no-data-flush   s_whole   caught  -DM_NO_DATA_FLUSH
   @mutant no-recovery     s_whole   caught  -DM_NO_RECOVERY
   @mutant tables-unread   s_once    caught  -DM_TABLES_UNREAD -DFLUSHES=1
   @mutant no-look-up      s_once    caught  -DM_NO_LOOK_UP
   @mutant no-catch-up     s_prefix  caught  -DM_NO_CATCH_UP
   @mutant view-sequence   s_gap     caught  -DM_SEQUENCE_OF_VIEW -DCRASHES=1
   @mutant open-unflushed  s_whole   caught  -DM_OPEN_UNFLUSHED -DMETA_FAILS=1 -DPROCESSES=1
   @mutant other-goes-on   s_whole   caught  -DMETA_FAILS=1 -DPROCESSES=2
   @mutant turns-in-parts  s_whole   caught  -DM_PARTS
   @mutant restart-late    s_view    caught  -DM_WINDOW -DFAILS=1
   @mutant no-restart      s_view    caught  -DM_TAIL_KEPT -DFAILS=1
   @mutant index-early     s_index   caught  -DM_INDEX_EARLY -DFLUSHES=1
   @mutant staged-taken    s_mark    caught  -DM_STAGED_TAKEN -DPROJECTION -DPROCESSES=1
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
#define FAILS 0      /* commits that fail at their first flush: a full disk */
#endif
#ifndef META_FAILS
#define META_FAILS 0 /* commits whose meta page cannot be flushed: a broken disk */
#endif
#ifndef PROCESSES
#define PROCESSES 2
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

/* An event: its turn + 1, its place in the turn, its sequence. */
#define EV(turn, place, seq) (((turn) + 1) | ((place) << 2) | ((seq) << 3))
#define TURN(ev) (((ev) & 3) - 1)
#define SEQ(ev) ((ev) >> 3)
#define COUNT(turn) (2 - (turn))

/* What one LMDB transaction made: pages of the journal and the head record among them. */
typedef Version { byte txn; byte size; byte idx; byte ev[N] }

Version cached[2];  /* data pages as the kernel has them, by the meta page that may name them */
Version disk[2];    /* the same as the drive has them */
bool isDirty[2];    /* pages that were written since the last flush */
byte cachedMeta[2], diskMeta[2];
byte last;          /* LMDB's number of the last transaction, in lock.mdb */
bool isStale;       /* nobody has the file open, or the lock's owner died */

#define FREE 9
byte lock = FREE;   /* LMDB's writer lock: its holder */
bool kill[2];
bool isAlive[2];
byte phase[2];      /* 3: inside the one call that writes and flushes the meta page */
byte metaFailsLeft = META_FAILS, failsLeft = FAILS, flushesLeft = FLUSHES, crashesLeft = CRASHES;

/* The tail of a process: entries of the index beyond the tables; `end` counts staged ones. */
typedef Tail { byte base; byte end; byte ev[N] }
Tail tail[2];

/* Turns: 0 nobody waits, 1 + p waits at process p, 9 answered. */
byte at[TURNS];
bool isAcked[TURNS];
#ifdef M_INDEX_EARLY
byte indexed;       /* an indexed position that is on the drive before its events are */
#endif
byte ackedLen;      /* the journal's length at the last answer: nothing of it may go */
byte ackedEv[N];

inline newest() {
  if
  :: cachedMeta[0] > cachedMeta[1] -> last = cachedMeta[0]
  :: else -> last = cachedMeta[1]
  fi
}

#define NOW cached[last & 1]

/* What whoever opens finds: compared with all that was ever answered. */
inline compare() {
  /* `Transaction.head()`: the head record names the transaction it was written in. */
  CHECK(s_whole, NOW.txn == last);
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

inline copyVersion(to, from) {
  to.txn = from.txn; to.size = from.size; to.idx = from.idx;
  to.ev[0] = from.ev[0]; to.ev[1] = from.ev[1]; to.ev[2] = from.ev[2]
}

/* `IndexTail.drop` and `IndexTail.catchUp`. */
inline catchUp(p) {
  if
  :: tail[p].end <= NOW.idx -> tail[p].base = NOW.idx; tail[p].end = NOW.idx
  :: else
  fi;
#ifndef M_NO_CATCH_UP
  do
  :: tail[p].end < NOW.size ->
     tail[p].ev[tail[p].end] = NOW.ev[tail[p].end];
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

/* The answer: from here on nothing of the journal may ever go. */
inline acknowledge() {
  if
  :: NOW.size > ackedLen ->
     ackedLen = NOW.size;
     ackedEv[0] = NOW.ev[0]; ackedEv[1] = NOW.ev[1]; ackedEv[2] = NOW.ev[2]
  :: else
  fi
}

/* `WaitingTurn.answer`, for each turn of the batch. */
inline answer(p) {
  if :: at[0] == 1 + p && (batch & 1) -> at[0] = 9; isAcked[0] = true; tell(0) :: else fi;
  if :: at[1] == 1 + p && (batch & 2) -> at[1] = 9; isAcked[1] = true; tell(1) :: else fi;
  if :: batch != 0 -> acknowledge() :: else fi
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

proctype Process(byte p) {
  byte i, n, next, batch, staged;
  bool isFound, isFlush;

reopen:
  atomic {
    (!kill[p]) ->
    isAlive[p] = true;
    if
    :: !isAlive[1 - p] && lock == FREE ->
#ifndef M_OPEN_UNFLUSHED
       diskMeta[0] = cachedMeta[0]; diskMeta[1] = cachedMeta[1];
#endif
       newest()
    :: else
    fi;
    compare();
    restart(p)
  }
  {
    do
    :: /* `Writer.attemptBatch`: LMDB's lock, then what others appended. */
       atomic {
         (lock == FREE && !isStale &&
          (at[0] == 1 + p || at[1] == 1 + p || (flushesLeft > 0 && NOW.idx < NOW.size))) ->
         lock = p; phase[p] = 1;
         catchUp(p); batch = 0; isFlush = false;
         next = last + 1
       };
       atomic {
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
       :: atomic { staged == 0 && !isFlush -> lock = FREE; phase[p] = 0 }
       :: atomic {
            else ->
            /* The pages go to the kernel, and to the drive whenever it likes. */
            cached[next & 1].txn = next; isDirty[next & 1] = true;
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
            i = 0
#ifdef M_ANSWER_EARLY
            ; answer(p)
#endif
          };
          if
          :: atomic {
               /* The first flush fails: nothing was committed, LMDB lets its lock go. */
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
               /* `Writer.attemptBatch` begins the tail anew once LMDB's lock is gone. */
               restart(p);
#endif
               phase[p] = 0; batch = 0;
               refuse(p)
             }
          :: atomic {
               true ->
#ifndef M_NO_DATA_FLUSH
               copyVersion(disk[next & 1], cached[next & 1]);
               isDirty[next & 1] = false;
               /* It is the whole file that is flushed. */
               diskMeta[0] = cachedMeta[0]; diskMeta[1] = cachedMeta[1];
#endif
               phase[p] = 3;
               if
               :: cachedMeta[next & 1] = next
               :: metaFailsLeft > 0 ->
                  /* The drive may have it or not. LMDB writes the old page back, unflushed, and
                     refuses this process everything: the outcome is unknown, the journal
                     poisoned, and closed before it is opened again. */
                  metaFailsLeft--;
                  REACHED(r_unknown, true);
                  if :: diskMeta[next & 1] = next :: true fi;
                  lock = FREE;
                  goto closed
               fi
             };
             atomic {
#ifndef M_NO_META_FLUSH
               diskMeta[next & 1] = next;
#endif
               phase[p] = 4
             };
             atomic {
               last = next; lock = FREE; phase[p] = 5;
#ifdef M_PARTS
               tail[p].end = NOW.size;
#endif
               REACHED(r_group, batch == 3 && staged == 3)
             }
          fi
       fi;
       atomic { answer(p); phase[p] = 0; batch = 0; staged = 0; next = 0; isFlush = false }
    :: atomic { isStale && lock == FREE -> newest(); isStale = false }
    od
  } unless { atomic { kill[p] -> skip } };
closed:
  atomic {
    /* The kernel lets go of what a dead process had. */
    if
#ifdef M_LOCK_KEPT
    :: lock == p -> isStale = true
#elif defined(M_NO_RECOVERY)
    :: lock == p -> lock = FREE
#else
    :: lock == p -> lock = FREE; isStale = true;
       REACHED(r_dead, phase[p] == 4)
#endif
    :: else
    fi;
    refuse(p);
    isAlive[p] = false; kill[p] = false; phase[p] = 0;
    tail[p].base = 0; tail[p].end = 0;
    i = 0; n = 0; next = 0; batch = 0; staged = 0; isFound = false; isFlush = false;
    goto reopen
  }
}

#ifndef LTL
/* `JournalCore.read`: a view begins together with what the tail of its process has. */
active proctype Reader() {
  byte i;
  do
  :: atomic {
       isAlive[0] && !kill[0] && !isStale && tail[0].end > 0 ->
       catchUp(0);
       i = tail[0].base;
       do
       :: i < NOW.size -> CHECK(s_view, tail[0].ev[i] == NOW.ev[i]); i++
       :: else -> break
       od;
       i = 0
     }
  od
}
#endif

/* Callers who try again until they are answered. */
active proctype Callers() {
  do
  :: atomic { at[0] == 0 && !isAcked[0] && isAlive[0] -> at[0] = 1 }
  :: atomic { at[1] == 0 && !isAcked[1] && isAlive[0] -> at[1] = 1 }
#if PROCESSES == 2
  :: atomic { at[0] == 0 && !isAcked[0] && isAlive[1] -> at[0] = 2 }
  :: atomic { at[1] == 0 && !isAcked[1] && isAlive[1] -> at[1] = 2 }
#endif
  od
}

/* The machine stops: of what was not flushed anything may be on the drive, in halves too. */
inline stopMachine() {
  highest = (cached[0].txn > cached[1].txn -> cached[0].txn : cached[1].txn);
  s = 0;
  do
  :: s < 2 ->
     if
     :: isDirty[s] -> copyVersion(disk[s], cached[s])
     :: isDirty[s] -> disk[s].txn = 255
     :: true
     fi;
     isDirty[s] = false;
     if
     :: diskMeta[s] != cachedMeta[s] -> diskMeta[s] = cachedMeta[s]
     :: true
     fi;
     copyVersion(cached[s], disk[s]);
     cachedMeta[s] = diskMeta[s];
     s++
  :: else -> break
  od;
  s = 0;
  if :: isAlive[0] -> kill[0] = true :: else fi;
  if :: isAlive[1] -> kill[1] = true :: else fi;
  lock = FREE; isStale = false;
  newest();
  REACHED(r_lost, highest > last);
  REACHED(r_kept, NOW.size > ackedLen);
  highest = 0
}

active proctype Crasher() {
  byte s, highest;
  do
  :: atomic {
       crashesLeft > 0 && isAlive[0] && !kill[0] && phase[0] != 3 ->
       crashesLeft--; kill[0] = true
     }
#if PROCESSES == 2
  :: atomic {
       crashesLeft > 0 && isAlive[1] && !kill[1] && phase[1] != 3 ->
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
       CHECK(s_mark, isRestored || diskTables.pos <= NOW.size);
#endif
       skip
     }
  od
}

#ifdef PROJECTION
/* `LiveProjection`: takes in what came, and stores it expecting the mark that it went on from. */
active proctype Projection() {
  byte i, from, digest;
  Tables own;
  do
  :: atomic {
       !isStale && !kill[0] ->
       /* `goOnFromStore`: a mark of another journal, or of a later one, is worth nothing. */
       from = cachedTables.pos; digest = cachedTables.digest;
       copyTables(own, cachedTables);
       if
#ifdef M_NO_DIGEST
       :: own.pos > NOW.size -> own.pos = 0
#else
       :: own.pos > NOW.size || (own.pos > 0 && NOW.ev[own.pos - 1] != own.digest) ->
          REACHED(r_other, own.pos <= NOW.size);
          own.pos = 0
#endif
       :: else
       fi;
       REACHED(r_back, own.pos < NOW.size && crashesLeft < CRASHES && from > 0);
       i = 0;
       do
       :: i < own.pos -> CHECK(s_tables, own.ev[i] == NOW.ev[i]); i++
       :: else -> break
       od;
#ifdef M_STAGED_TAKEN
       do
       :: i < tail[0].end -> own.ev[i] = tail[0].ev[i]; i++
       :: else -> break
       od;
#else
       do
       :: i < NOW.size -> own.ev[i] = NOW.ev[i]; i++
       :: else -> break
       od;
#endif
       own.pos = i;
       own.digest = (i > 0 -> own.ev[i - 1] : 0);
       i = 0
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
  :: atomic { !hasCopy && !isStale && !kill[0] -> hasCopy = true; copyVersion(copy, NOW) }
  :: /* An older copy takes the place of the journal; its tables stay where they are. */
     atomic {
       hasCopy && !isRestored && !isStale && lock == FREE && !kill[0] && isAlive[0] ->
       isRestored = true;
       kill[0] = true;
       last = copy.txn;
       copyVersion(cached[last & 1], copy); copyVersion(disk[last & 1], copy);
       cached[1 - (last & 1)].txn = 0; disk[1 - (last & 1)].txn = 0;
       isDirty[0] = false; isDirty[1] = false;
       cachedMeta[last & 1] = last; diskMeta[last & 1] = last;
       cachedMeta[1 - (last & 1)] = 0; diskMeta[1 - (last & 1)] = 0;
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
    cachedMeta[1] = 1; diskMeta[1] = 1;
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

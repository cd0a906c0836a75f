/* One item of a job: its intent, its sends, its outcome, and how it is brought out of doubt.
   What each part stands for, and what is left out: Specs/Models.md.

   @run    park      9888     -DPOLICY=PARK
   @run    dedup     1771404  -DPOLICY=DEDUP
   @run    forgets   452774   -DPOLICY=DEDUP -DFORGETS -DPROMPT
   @run    ask       422996   -DPOLICY=ASK
   @run    callback  10816    -DPOLICY=CALLBACK
   @live   l_done-park      1718    -DPOLICY=PARK -DATTEMPTS=1
   @live   l_done-callback  1786    -DPOLICY=CALLBACK -DATTEMPTS=1
   @live   l_done-ask       60272   -DPOLICY=ASK -DATTEMPTS=1
   @live   l_done-dedup     115070  -DPOLICY=DEDUP -DATTEMPTS=1 -DENDS_ARE_TOLD
   @live   l_settled        116966  -DPOLICY=DEDUP -DATTEMPTS=1

   @prop   s_send     park dedup forgets ask callback
   @prop   s_once     park dedup forgets ask callback
   @prop   s_intent   park dedup forgets ask callback
   @prop   s_known    park dedup forgets ask callback
   @prop   s_fence    park dedup forgets ask callback
   @prop   s_person   park dedup forgets ask callback
   @prop   l_done     l_done-park l_done-callback l_done-ask l_done-dedup
   @prop   l_settled  l_settled

   @reach  r_done     -DPOLICY=ASK
   @reach  r_retried  -DPOLICY=PARK
   @reach  r_late     -DPOLICY=PARK
   @reach  r_fenced   -DPOLICY=DEDUP
   @reach  r_overlap  -DPOLICY=DEDUP
   @reach  r_aside    -DPOLICY=DEDUP
   @reach  r_person   -DPOLICY=PARK
   @reach  r_report   -DPOLICY=CALLBACK
   @reach  r_asked    -DPOLICY=ASK
   @reach  r_stray    -DPOLICY=ASK

   @mutant lease-taken-over    s_send     caught    -DM_LEASE -DPOLICY=ASK
   @mutant loss-is-failure     s_send     caught    -DM_LOSS_FAILS -DPOLICY=PARK
   @mutant laggards-ignored    s_send     caught    -DM_LAGGARDS_IGNORED -DPOLICY=ASK
   @mutant not-settled         s_send     caught    -DM_NO_SETTLE -DPOLICY=ASK
   @mutant not-settled-2       s_once     caught    -DM_NO_SETTLE -DPOLICY=ASK
   @mutant no-dedup            s_once     caught    -DM_NO_DEDUP -DPOLICY=DEDUP
   @mutant forgets-and-slow    s_once     caught    -DFORGETS -DPOLICY=DEDUP
   @mutant overlap-believed    s_known    survives  -DM_OVERLAP -DPOLICY=DEDUP -DCRASHES=0
   @mutant overlap-believed-2  s_known    caught    -DM_OVERLAP -DPOLICY=DEDUP -DFORGETS -DPROMPT
   @mutant not-sent-believed   s_known    caught    -DM_NOT_SENT_BELIEVED -DPOLICY=DEDUP
   @mutant sent-first          s_intent   caught    -DM_SEND_FIRST -DPOLICY=PARK
   @mutant no-fence            s_fence    caught    -DM_NO_FENCE -DPOLICY=DEDUP
   @mutant no-fence-2          s_known    survives  -DM_NO_FENCE -DPOLICY=ASK
   @mutant parked-resent       s_person   caught    -DM_PARKED_RESENT -DPOLICY=PARK
   @mutant lock-stays          l_done     caught    -DM_LOCK_STAYS -DPOLICY=ASK -DATTEMPTS=1
   @mutant fenced-end-lost     l_done     caught    -DPOLICY=DEDUP -DATTEMPTS=1
   @mutant lock-stays-2        l_settled  caught    -DM_LOCK_STAYS -DPOLICY=DEDUP -DATTEMPTS=1
*/

#define PARK 0
#define DEDUP 1
#define ASK 2
#define CALLBACK 3
#ifndef POLICY
#define POLICY ASK
#endif
#ifndef CRASHES
#define CRASHES 1    /* of workers' processes */
#endif
#ifndef TIMEOUTS
#define TIMEOUTS 1   /* sends whose time is over while they run */
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 2   /* `RetryPolicy.attemptCountMax` */
#endif
#ifndef RESENDS
#define RESENDS 2    /* `ResumeBounds.resendCountMax` */
#endif
#define SENDS (ATTEMPTS * RESENDS)
#define NUMBERS (2 + CRASHES)

#ifndef ONLY
#define ONLY 0
#endif
#ifndef REACH
#define REACH 0
#endif
#define CHECK(p, x) assert((ONLY != 0 && ONLY != p) || (x))
#define REACHED(r, x) assert(REACH != r || !(x))
#define s_send 1
#define s_once 2
#define s_intent 3
#define s_known 4
#define s_fence 5
#define s_person 6
#define r_done 1       /* done after a crash and a second send */
#define r_retried 2    /* done by a second attempt, after a failure that is known */
#define r_late 3       /* a late answer settles a doubt */
#define r_fenced 4     /* an outcome is refused, because another has the item */
#define r_overlap 5    /* a refusal is not believed, because another send may arrive */
#define r_aside 6      /* an item is set aside */
#define r_person 7     /* a person decides */
#define r_report 8     /* a report ends a doubt */
#define r_asked 9      /* the provider says that nothing came, and it is sent again */
#define r_stray 10     /* a message arrives after its sender is dead */

/* What the item's events say: `ItemState` and its current `ItemAttempt`. */
#define ABSENT 0
#define OPEN 1
#define DOUBTED 2
#define ACCEPTED 3
#define REJECTED 4
#define FAILED 5
byte standing, attempt, fence, holder, resends;
bool mayHaveArrived, isSetAside, isTimeout;
byte laggards[NUMBERS];

/* Who lives: the kernel's locks, by the workers' numbers. */
bool isHeld[NUMBERS];
byte number[2], joined;
bool kill[2];
byte crashesLeft = CRASHES, timeoutsLeft = TIMEOUTS;

/* Sends: closures of workers, and what they put on the way to the provider. */
#define UNUSED 0
#define RUNS 1       /* nothing has gone out yet */
#define WAITS 2      /* for the provider */
#define TOLD 3       /* it has ended, and what it came to is not recorded yet */
#define OVER 4
#define DEAD 5
#define YES 1
#define NO 2
#define UNKNOWN 3
#define NOT_SENT 4
typedef Send { byte stage; byte by; byte key; byte fence; byte answer;
               bool isUnderWay; bool isTaken; bool overlaps }
Send send[SENDS];

/* The provider. */
bool isTaken[ATTEMPTS + 1], isRefused[ATTEMPTS + 1];
byte effects;

/* `Worker.closureCount(of:)`. */
inline countClosures(who) {
  closures = 0; j = 0;
  do
  :: j < SENDS ->
     if
     :: send[j].by == who && send[j].stage >= RUNS && send[j].stage <= TOLD -> closures++
     :: else
     fi;
     j++
  :: else -> break
  od;
  j = 0
}

/* `ItemSender.mayAnotherArrive`. */
inline lookForOthers(me, own) {
  mayArrive = false;
  countClosures(me);
  k = 0;
  do
  :: k < NUMBERS ->
     if
     :: laggards[k] > 0 && k == me && closures > own -> mayArrive = true
     :: laggards[k] > 0 && k != me && isHeld[k] -> mayArrive = true
     :: else
     fi;
     k++
  :: else -> break
  od;
  k = 0; closures = 0
}

/* Whether nothing is on its way of a sender that has ended: what `settle` gives time for. */
inline lookForStrays() {
  hasStrays = false; j = 0;
  do
  :: j < SENDS ->
     hasStrays = (hasStrays || (send[j].isUnderWay && send[j].stage != WAITS));
     j++
  :: else -> break
  od;
  j = 0
}

inline endLaggard(me) { if :: laggards[me] > 0 -> laggards[me]-- :: else fi }

inline forgetLaggards() {
  k = 0;
  do :: k < NUMBERS -> laggards[k] = 0; k++ :: else -> break od;
  k = 0
}

/* What nothing asks for any more is forgotten, so that fewer states differ. */
inline close(s) {
  send[s].stage = OVER; send[s].answer = 0; send[s].fence = 0; send[s].by = 0;
  send[s].overlaps = false
}

inline fail() {
  if :: attempt < ATTEMPTS -> standing = REJECTED :: else -> standing = FAILED fi
}

/* `ItemMachine.accept`, `reject` and `doubt` of the holder, in its turn. */
inline record(s, given) {
  if
#ifndef M_NO_FENCE
  :: send[s].fence != fence ->
     REACHED(r_fenced, true);
#ifdef ENDS_ARE_TOLD
     endLaggard(send[s].by)
#endif
  :: send[s].fence == fence && (standing == OPEN || standing == DOUBTED) ->
#else
  :: standing == OPEN || standing == DOUBTED ->
#endif
     CHECK(s_fence, send[s].fence == fence);
     REACHED(r_late, standing == DOUBTED && given == YES);
     if
     :: given == YES ->
        standing = ACCEPTED; isSetAside = false;
        REACHED(r_done, crashesLeft < CRASHES && resends > 0);
        REACHED(r_retried, attempt > 1);
        forgetLaggards()
     :: given == NO || (given == NOT_SENT && !mayHaveArrived) ->
        if :: standing == DOUBTED -> endLaggard(send[s].by); isSetAside = false :: else fi;
        fail()
     :: given == UNKNOWN || (given == NOT_SENT && mayHaveArrived) ->
#ifdef M_NOT_SENT_BELIEVED
        if
        :: given == NOT_SENT -> fail()
        :: else ->
#endif
        if
        :: standing == OPEN -> standing = DOUBTED; isTimeout = false
        :: standing == DOUBTED && isTimeout -> isTimeout = false; endLaggard(send[s].by)
        :: else
        fi
#ifdef M_NOT_SENT_BELIEVED
        fi
#endif
     fi
  :: else
  fi
}

/* Whether a send has to wait for what became of its message before it ends or dies. */
#ifdef PROMPT
#define IS_PROMPT(s) (send[s].isUnderWay)
#else
#define IS_PROMPT(s) false
#endif

/* What a provider makes of what reaches it. */
inline reply(s, given) {
  if
  :: send[s].stage == WAITS -> send[s].stage = TOLD; send[s].answer = given
#ifdef PROMPT
  :: send[s].stage == WAITS -> send[s].stage = TOLD; send[s].answer = UNKNOWN
#endif
  :: else
  fi
}

#if POLICY == DEDUP && !defined(M_NO_DEDUP)
#ifdef FORGETS
#define IS_REPEAT(key) (isTaken[key])
#else
#define IS_REPEAT(key) (isTaken[key] || isRefused[key])
#endif
#else
#define IS_REPEAT(key) false
#endif

inline arrive(s) {
  send[s].isUnderWay = false;
  REACHED(r_stray, send[s].stage == DEAD);
  if
  :: /* One that ignores repeats gives its first answer again. */
     IS_REPEAT(send[s].key) ->
     if :: isTaken[send[s].key] -> reply(s, YES) :: else -> reply(s, NO) fi
  :: !IS_REPEAT(send[s].key) ->
     CHECK(s_known, standing == OPEN || standing == DOUBTED);
     isTaken[send[s].key] = true; send[s].isTaken = true; effects++;
     CHECK(s_once, effects == 1);
     reply(s, YES)
  :: !IS_REPEAT(send[s].key) -> isRefused[send[s].key] = (POLICY == DEDUP); reply(s, NO)
  :: reply(s, UNKNOWN)
  fi
}

/* A new send under the item's key: law 5. */
inline beginSend(s, who) {
  s = 0;
  do
  :: s < SENDS ->
     if
     :: send[s].stage == UNUSED -> break
     :: else ->
        CHECK(s_send, (POLICY == DEDUP && send[s].key == attempt) ||
              !(send[s].isTaken ||
                ((send[s].isUnderWay || send[s].stage == RUNS) && !IS_REPEAT(send[s].key))));
        s++
     fi
  od;
  (s < SENDS);
  send[s].stage = RUNS; send[s].by = who;
  send[s].key = attempt; send[s].fence = fence
}

proctype Worker(byte p) {
  byte me, seen, s, j, k, closures;
  bool mayArrive, hasStrays, isRepeat;

join:
  atomic { me = joined; joined++; number[p] = me; isHeld[me] = true };
  {
again:
    do
#ifdef M_SEND_FIRST
    :: atomic {
         standing == ABSENT || standing == REJECTED ->
         attempt++; beginSend(s, me); attempt--
       };
#else
    ::
#endif
       if
       :: /* `ItemSender.begin`: the verdict that counts is the one in the turn. */
          atomic {
            standing == ABSENT || standing == REJECTED ->
            attempt++; fence++; holder = me; resends = 0; mayHaveArrived = false;
            standing = OPEN; forgetLaggards(); isRepeat = false
          };
perform:
          /* `ItemSender.perform`: only now does anything happen outside. */
          atomic {
#ifdef M_SEND_FIRST
            if
            :: !isRepeat -> send[s].fence = fence
            :: else -> beginSend(s, me)
            fi;
#else
            beginSend(s, me);
#endif
            if
            :: isRepeat -> lookForOthers(me, 1); send[s].overlaps = mayArrive; mayArrive = false
            :: else
            fi
          };
          if
          :: atomic { send[s].stage == OVER -> s = 0; seen = 0; isRepeat = false }
          :: atomic {
               /* `AttemptRace`: its time is over, it runs on. */
               timeoutsLeft > 0 && send[s].stage >= RUNS && send[s].stage <= TOLD ->
               timeoutsLeft--;
               if
               :: fence == send[s].fence && standing == OPEN ->
                  standing = DOUBTED; isTimeout = true; laggards[me]++
               :: else
               fi;
               s = 0; seen = 0; isRepeat = false
             }
          fi
       fi
    :: /* `ItemSender.takeOver`: of a holder that is gone nobody knows what it did. */
       atomic {
#ifdef M_LEASE
         /* The holder lives, and the time that it has is over. */
         standing == OPEN && holder != me ->
#elif defined(M_LOCK_STAYS)
         false ->
#else
         standing == OPEN && holder != me && !isHeld[holder] ->
#endif
         seen = fence
       };
       atomic {
         if
         :: fence == seen && standing == OPEN ->
#ifdef M_LOSS_FAILS
            fail()
#else
            standing = DOUBTED; isTimeout = false
#endif
         :: else
         fi;
         seen = 0
       }
#if POLICY == DEDUP
    :: atomic { standing == DOUBTED && !isSetAside -> seen = fence };
       goto resume
#elif POLICY == ASK
    :: /* `ItemSender.resolve`: first everything must have had its time. */
       atomic {
         standing == DOUBTED && !isSetAside ->
         lookForOthers(me, 0); lookForStrays();
#ifdef M_LAGGARDS_IGNORED
         mayArrive = false;
#endif
#ifdef M_NO_SETTLE
         hasStrays = false;
#endif
         seen = fence
       };
       if
       :: atomic { mayArrive || hasStrays -> mayArrive = false; hasStrays = false; seen = 0 }
       :: atomic {
            else ->
            /* The question; its answer is written in a turn of its own. */
            if
            :: isTaken[attempt] -> isRepeat = false
            :: else -> isRepeat = true
            fi
          };
          if
          :: atomic {
               !isRepeat ->
               if
               :: fence == seen && standing == DOUBTED ->
                  standing = ACCEPTED; forgetLaggards()
               :: else
               fi;
               seen = 0
             }
          :: atomic { isRepeat -> REACHED(r_asked, true) };
             goto resume
          fi
       fi
#elif defined(M_PARKED_RESENT)
    :: atomic { standing == DOUBTED -> seen = fence };
       goto resume
#endif
    od;
resume:
    /* `ItemMachine.resume`. */
    if
    :: atomic {
         fence == seen && standing == DOUBTED && !isSetAside && resends + 1 < RESENDS ->
         CHECK(s_person, POLICY == DEDUP || POLICY == ASK);
         fence++; holder = me; resends++; standing = OPEN; isRepeat = true;
         mayHaveArrived = (POLICY == DEDUP); seen = 0
       };
       goto perform
    :: atomic {
         fence == seen && standing == DOUBTED && !isSetAside && resends + 1 >= RESENDS ->
         isSetAside = true; seen = 0; isRepeat = false;
         REACHED(r_aside, true)
       };
       goto again
    :: atomic { fence != seen || standing != DOUBTED || isSetAside ->
         seen = 0; isRepeat = false
       };
       goto again
    fi
  } unless { atomic { kill[p] -> skip } };
  atomic {
    kill[p] = false;
    s = 0; j = 0; k = 0; closures = 0; seen = 0;
    mayArrive = false; hasStrays = false; isRepeat = false;
    goto join
  }
}

/* A closure, and what is told of its end: `ItemSender.told` and `record`, in time or late. What it
   has put on the way arrives late, or is lost, and may do so after the closure has ended. */
proctype Closure(byte s) {
  byte j, k, closures;
  bool mayArrive;
  do
  :: atomic {
       send[s].stage == RUNS -> send[s].stage = WAITS; send[s].isUnderWay = true;
       CHECK(s_intent, send[s].fence > 0 && fence >= send[s].fence && attempt >= send[s].key)
     }
  :: atomic { send[s].stage == RUNS -> send[s].stage = TOLD; send[s].answer = NOT_SENT }
  :: /* It throws, whatever becomes of what it sent. */
     atomic {
       send[s].stage == WAITS && !IS_PROMPT(s) ->
       send[s].stage = TOLD; send[s].answer = UNKNOWN
     }
  :: atomic { send[s].isUnderWay -> arrive(s) }
  :: atomic {
       send[s].stage == TOLD && send[s].answer == NO ->
       lookForOthers(send[s].by, 1);
       if
       :: mayArrive || send[s].overlaps ->
          REACHED(r_overlap, true);
#ifdef M_OVERLAP
          skip
#else
          send[s].answer = UNKNOWN
#endif
       :: else
       fi;
       mayArrive = false
     };
     atomic {
       if
       :: send[s].stage == TOLD -> record(s, send[s].answer); close(s)
       :: else
       fi
     }
  :: atomic {
       send[s].stage == TOLD && send[s].answer != NO ->
       record(s, send[s].answer); close(s)
     }
  od
}

#if POLICY == CALLBACK
/* `ItemState.take(_: InteractionCallback)`: what the provider reports on was sent. */
active proctype Reporter() {
  byte k;
  do
  :: atomic {
       isTaken[attempt] && (standing == OPEN || standing == DOUBTED) ->
       REACHED(r_report, standing == DOUBTED);
       standing = ACCEPTED; isSetAside = false; forgetLaggards()
     }
  od
}
#endif

/* A person, who looks at the provider once nothing is on its way, and decides. */
active proctype Person() {
  byte j, k;
  bool hasStrays;
  do
  :: atomic {
       standing == DOUBTED && (isSetAside || POLICY == PARK || POLICY == CALLBACK) ->
       lookForStrays();
       k = 0;
       do
       :: k < NUMBERS -> hasStrays = (hasStrays || (laggards[k] > 0 && isHeld[k])); k++
       :: else -> break
       od;
       k = 0;
       if
       :: effects > 0 ->
          REACHED(r_person, true);
          isSetAside = false; standing = ACCEPTED; forgetLaggards()
       :: effects == 0 && !hasStrays ->
          REACHED(r_person, true);
          isSetAside = false; fail()
       :: effects == 0 && hasStrays
       fi;
       hasStrays = false
     }
  od
}

#ifdef PROMPT
#define NONE_UNDER_WAY (!send[0].isUnderWay && !send[1].isUnderWay && !send[2].isUnderWay \
                        && !send[3].isUnderWay)
#else
#define NONE_UNDER_WAY true
#endif

/* Processes end, with the closures that run in them; their locks go with them. */
inline stop(p) {
  crashesLeft--; kill[p] = true; isHeld[number[p]] = false;
  i = 0;
  do
  :: i < SENDS ->
     if
     :: send[i].by == number[p] && send[i].stage >= RUNS && send[i].stage <= TOLD ->
        send[i].stage = DEAD; send[i].answer = 0; send[i].fence = 0; send[i].by = 0;
        send[i].overlaps = false
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0
}

active proctype Crasher() {
  byte i;
  do
  :: atomic {
       crashesLeft > 0 && joined > 1 && !kill[0] && isHeld[number[0]] && NONE_UNDER_WAY -> stop(0)
     }
  :: atomic {
       crashesLeft > 0 && joined > 1 && !kill[1] && isHeld[number[1]] && NONE_UNDER_WAY -> stop(1)
     }
  od
}

init {
  byte i;
  atomic {
    number[1] = 1;
    do :: i < SENDS -> run Closure(i); i++ :: else -> break od;
    i = 0;
    run Worker(0); run Worker(1)
  }
}

#ifdef LTL
/* Every item ends, if a person decides what is left to one. */
ltl l_done { <> (standing == ACCEPTED || standing == FAILED) }
/* Every item ends or is left to a person. */
ltl l_settled { <> (standing == ACCEPTED || standing == FAILED || isSetAside) }
#endif

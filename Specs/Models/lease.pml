/* Retries that are handed out under leases with fences: `RetryWorker` and `RetryLeaseMachine`.
   What each part stands for, and what is left out: Specs/Models.md.

   @run    leases    16900  -DCRASHES=1
   @run    no-clock  12158  -DEXPIRIES=0
   @live   l_ended  14248  -DCRASHES=1
   @prop   s_rises  leases no-clock
   @prop   s_stale  leases no-clock
   @prop   s_due    leases no-clock
   @prop   s_alone  leases no-clock
   @prop   s_bound  leases no-clock
   @prop   l_ended  l_ended

   @reach  r_over     -DCRASHES=0
   @reach  r_refused  -DCRASHES=0
   @reach  r_late     -DCRASHES=0
   @reach  r_gone     -DEXPIRIES=0
   @reach  r_again    -DCRASHES=0
   @reach  r_bound    -DCRASHES=1

   @mutant fence-kept       s_rises  caught    -DM_FENCE_KEPT
   @mutant no-fence         s_stale  caught    -DM_NO_FENCE
   @mutant clock-for-fence  s_stale  caught    -DM_CLOCK_FOR_FENCE
   @mutant fence-outside    s_stale  caught    -DM_FENCE_OUTSIDE
   @mutant no-seen          s_due    caught    -DM_NO_SEEN
   @mutant no-look          s_alone  survives  -DM_NO_LOOK
   @mutant no-decision      s_alone  caught    -DM_NO_DECISION
   @mutant no-look-2        s_alone  caught    -DM_NO_LOOK -DM_NO_DECISION
   @mutant no-bound         s_bound  caught    -DM_NO_BOUND
   @mutant lock-stays       l_ended  caught    -DM_LOCK_STAYS -DEXPIRIES=0 -DCRASHES=1
*/

#ifndef CRASHES
#define CRASHES 2
#endif
#ifndef EXPIRIES
#define EXPIRIES 2     /* leases whose time is over, whether their holders live or not */
#endif
#ifndef FAILURES
#define FAILURES 2     /* rows that say that the stage failed: the first, and what comes of tries */
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 4     /* `RetryPolicy.attemptCountMax` */
#endif
#define NUMBERS (2 + CRASHES)

#ifndef ONLY
#define ONLY 0
#endif
#ifndef REACH
#define REACH 0
#endif
#define CHECK(p, x) assert((ONLY != 0 && ONLY != p) || (x))
#define REACHED(r, x) assert(REACH != r || !(x))
#define s_rises 1   /* fences rise */
#define s_stale 2   /* nothing is recorded under a lease that another has taken over */
#define s_due 3     /* what is handed out is the last failure of its request, and not made good */
#define s_alone 4   /* a lease is taken over only when its time is over or its holder is gone */
#define s_bound 5   /* tries are bounded, those that were lost too */
#define r_over 1    /* a living holder loses its lease to the clock */
#define r_refused 2 /* what it reports then is refused */
#define r_late 3    /* what is reported after the time, before anybody took over, is taken */
#define r_gone 4    /* the lease of a dead holder is taken over at once */
#define r_again 5   /* a try fails, and the next one is handed out anew */
#define r_bound 6   /* a request that kills its workers is given up */

/* The request's stream: how many rows it has, and what the last one says. */
byte rows = 1, failure = 1, failedAttempt = 1;
bool isGood, isGivenUp;

/* The stream of its leases: what the last event says. */
byte fence, holder, leasedFailure, takeovers, fenceMax;
bool isOver;        /* the lease's time on the boot clock */

bool isHeld[NUMBERS];
byte number[2], joined;
bool kill[2];
byte crashesLeft = CRASHES, expiriesLeft = EXPIRIES;

/* `RetryLeaseMachine.grant`: `gone` is a worker whose lock was seen to be free, plus 1; `over` is
   the fence of a lease whose time was over when the wish was made. */
#define MAY_TAKE (leasedFailure != failure || gone == holder + 1 || over == fence)
#define NEXT_ATTEMPT (failedAttempt + 1 + (leasedFailure == failure -> takeovers + 1 : 0))

proctype Worker(byte p) {
  byte me, seen, gone, over, own, from;

join:
  atomic { me = joined; joined++; number[p] = me; isHeld[me] = true };
  {
    do
    :: /* `RetryWorker.wish`: what is due, and whether there is a chance. */
       atomic {
         !isGood && !isGivenUp ->
         seen = rows; from = failure; gone = 0; over = (isOver -> fence : 0);
#ifndef M_LOCK_STAYS
         if :: fence > 0 && !isHeld[holder] -> gone = holder + 1 :: else fi;
#endif
         if
         :: !MAY_TAKE ->
#ifndef M_NO_LOOK
            seen = 0
#else
            skip
#endif
         :: MAY_TAKE && NEXT_ATTEMPT > ATTEMPTS ->
            REACHED(r_bound, true);
#ifndef M_NO_BOUND
            seen = 0; isGivenUp = true
#else
            skip
#endif
         :: else
         fi
       };
       if
       :: atomic { seen == 0 -> from = 0; gone = 0; over = 0 }
       :: /* `RetryWish.grant`, in one turn. */
          atomic {
            seen != 0 ->
            own = 0;
            if
#ifndef M_NO_SEEN
            :: rows != seen
#endif
#ifndef M_NO_DECISION
            :: !MAY_TAKE
#ifndef M_NO_BOUND
            :: NEXT_ATTEMPT > ATTEMPTS
#endif
#endif
            :: else ->
               CHECK(s_due, !isGood && from == failure);
               CHECK(s_alone, leasedFailure != failure || isOver || !isHeld[holder]);
               CHECK(s_bound, NEXT_ATTEMPT <= ATTEMPTS);
               REACHED(r_over, leasedFailure == failure && isHeld[holder]);
               REACHED(r_gone, leasedFailure == failure && !isHeld[holder]);
               REACHED(r_again, failure > 1);
               takeovers = (leasedFailure == failure -> takeovers + 1 : 0);
               leasedFailure = failure; holder = me; isOver = false;
#ifdef M_FENCE_KEPT
               fence = (takeovers > 0 -> fence : fence + 1);
#else
               fence++;
#endif
               CHECK(s_rises, fence > fenceMax);
               fenceMax = fence; own = fence
            fi;
            seen = 0; from = 0; gone = 0; over = 0
          };
          if
          :: atomic { own == 0 -> skip }
          :: /* The try itself, and its report: `RetryWorker.record`. */
             atomic {
               own != 0 ->
#ifdef M_CLOCK_FOR_FENCE
               /* The holder looks at its clock, and stops for a while. */
               if :: own == fence && isOver -> own = 0 :: else fi;
#elif defined(M_FENCE_OUTSIDE)
               if :: own != fence -> own = 0 :: else fi;
#endif
               skip
             };
             atomic {
               if
               :: own == 0
#if !defined(M_NO_FENCE) && !defined(M_CLOCK_FOR_FENCE) && !defined(M_FENCE_OUTSIDE)
               :: own != 0 && own != fence -> REACHED(r_refused, true)
               :: own == fence && own != 0 ->
#else
               :: own != 0 ->
#endif
                  CHECK(s_stale, own == fenceMax && holder == me);
                  REACHED(r_late, isOver);
                  rows++;
                  if
                  :: isGood = true
                  :: failure < FAILURES -> failedAttempt = NEXT_ATTEMPT - 1; failure++
                  fi
               fi;
               own = 0
             }
          fi
       fi
    od
  } unless { atomic { kill[p] -> skip } };
  atomic {
    kill[p] = false; seen = 0; gone = 0; over = 0; own = 0; from = 0;
    goto join
  }
}

/* The clock: a lease may be over at any moment, however much too early. */
active proctype Clock() {
  do
  :: atomic { fence > 0 && !isOver && expiriesLeft > 0 -> isOver = true; expiriesLeft-- }
  od
}

active proctype Crasher() {
  do
  :: atomic { crashesLeft > 0 && joined > 1 && !kill[0] && isHeld[number[0]] ->
       crashesLeft--; kill[0] = true; isHeld[number[0]] = false }
  :: atomic { crashesLeft > 0 && joined > 1 && !kill[1] && isHeld[number[1]] ->
       crashesLeft--; kill[1] = true; isHeld[number[1]] = false }
  od
}

init { atomic { number[1] = 1; run Worker(0); run Worker(1) } }

#ifdef LTL
/* What is due is made good or given up, though workers die and clocks run fast for a while. */
ltl l_ended { <> (isGood || isGivenUp) }
#endif

/* A consumer that tells another system of each event, and keeps its place: `JournalConsumer`.
   What each part stands for, and what is left out: Specs/Models.md.

   @run    relay     111569
   @run    together  87773   -DTOGETHER
   @live   l_told           23529  -DCRASHES=1
   @live   l_told-together  19541  -DCRASHES=1 -DTOGETHER
   @prop   s_place   relay together
   @prop   s_order   relay
   @prop   s_effect  relay together
   @prop   s_alone   relay together
   @prop   s_lasts   relay together
   @prop   l_told    l_told l_told-together

   @reach  r_again  -DCRASHES=1
   @reach  r_page   -DCRASHES=0
   @reach  r_held   -DCRASHES=0
   @reach  r_all    -DCRASHES=2
   @reach  r_once   -DCRASHES=1 -DTOGETHER

   @mutant place-first       s_place   caught    -DM_PLACE_FIRST
   @mutant place-of-head     s_place   caught    -DM_PLACE_OF_HEAD
   @mutant backwards         s_order   caught    -DM_BACKWARDS
   @mutant no-dedup          s_effect  caught    -DM_NO_DEDUP
   @mutant apart             s_effect  caught    -DM_APART -DTOGETHER
   @mutant no-lock           s_alone   caught    -DM_NO_LOCK
   @mutant no-lock-2         s_effect  survives  -DM_NO_LOCK -DTOGETHER -DCRASHES=1
   @mutant no-check          s_effect  survives  -DM_NO_CHECK -DTOGETHER
   @mutant no-lock-no-check  s_effect  caught    -DM_NO_LOCK -DM_NO_CHECK -DTOGETHER
   @mutant place-in-memory   s_lasts   caught    -DM_PLACE_LOST
   @mutant lock-stays        l_told    caught    -DM_LOCK_STAYS -DCRASHES=1
*/

#ifndef CRASHES
#define CRASHES 2    /* of readers' processes */
#endif
#define N 4          /* events, each after the one before it */
#define PAGE 2       /* events in a page: `Following.pageEventCountMax` */
#define NOBODY 9

#ifndef ONLY
#define ONLY 0
#endif
#ifndef REACH
#define REACH 0
#endif
#define CHECK(p, x) assert((ONLY != 0 && ONLY != p) || (x))
#define REACHED(r, x) assert(REACH != r || !(x))
#define s_place 1    /* the place passes no event that was not told */
#define s_order 2    /* events are told in order, the first time */
#define s_effect 3   /* what is told has its effect once */
#define s_alone 4    /* one reader of the name at a time */
#define s_lasts 5    /* a place that was written stays */
#define r_again 1    /* an event is told again after a crash */
#define r_page 2     /* a page of two events */
#define r_held 3     /* a second reader is refused */
#define r_all 4      /* everything is told after two crashes */
#define r_once 5     /* a crash comes between the step and what the reader does next */

byte head;                       /* the journal's last position */
byte place, sequence;            /* the consumer's last event: `ConsumerMachine.State` */
byte placeMax;
byte told[N + 1], effects[N + 1];
byte lock = NOBODY;              /* the sign of life of whoever reads under the name */
bool kill[2], isAlive[2];
byte working, crashesLeft = CRASHES, cancelsLeft = 1;

#define TOLD_UP_TO(x) ((x < 1 || told[1]) && (x < 2 || told[2]) && \
                       (x < 3 || told[3]) && (x < 4 || told[4]))

/* The other system: it knows the ids of the events that it had. */
inline tell(event) {
  REACHED(r_again, told[event] > 0);
  CHECK(s_order, told[event] > 0 || event == 1 || told[event - 1] > 0);
#ifndef M_NO_DEDUP
  if :: told[event] == 0 -> effects[event]++ :: else fi;
#else
  effects[event]++;
#endif
  told[event] = 1;
  CHECK(s_effect, effects[event] == 1)
}

/* `ConsumerMachine.decide(.advance)`, and what makes it durable. */
inline advance(from, to) {
  if
  :: place == from && to > place ->
     place = to; sequence++;
     CHECK(s_place, TOLD_UP_TO(place));
     CHECK(s_lasts, place > placeMax);
     placeMax = place
  :: else
  fi
}

proctype Reader(byte p) {
  byte from, known, next, to;

start:
  atomic { isAlive[p] = true };
  {
    do
    :: /* `JournalConsumer.lock`, and only then its place. */
       atomic {
#ifndef M_NO_LOCK
         lock == NOBODY ->
#else
         true ->
#endif
         lock = p; working++;
         CHECK(s_alone, working == 1);
         from = place; known = sequence
       };
       do
       :: atomic {
            /* A page of what follows. */
            from < head ->
            to = (from + PAGE < head -> from + PAGE : head);
            next = from + 1;
            REACHED(r_page, to == from + 2)
#ifdef M_BACKWARDS
            ; next = to
#endif
          };
#ifdef M_PLACE_FIRST
          atomic { advance(from, to) };
#endif
#ifdef TOGETHER
          /* `ConsumerPage.advance(in:)`: what is done stands in one turn with the place. */
          atomic {
            if
#ifndef M_NO_CHECK
            :: sequence != known -> next = 0
#endif
            :: else ->
               do
               :: next <= to ->
                  effects[next]++; told[next] = 1;
                  CHECK(s_effect, effects[next] == 1);
                  next++
               :: else -> break
               od
#ifndef M_APART
               ; advance(from, to)
#endif
            fi
          };
          /* Another has gone on under the name: the reader ends. */
          if
          :: atomic { next == 0 -> break }
          :: atomic { next != 0 -> skip }
          fi;
#else
          do
#ifdef M_BACKWARDS
          :: atomic { next > from -> tell(next); next-- }
          :: atomic { next <= from -> break }
#else
          :: atomic { next <= to -> tell(next); next++ }
          :: atomic { next > to -> break }
#endif
          od;
#endif
          /* One commit for the page. */
          atomic {
#ifdef M_PLACE_OF_HEAD
            to = head;
#endif
            advance(from, to);
            REACHED(r_all, place == N && crashesLeft == 0);
            if
            :: place == to -> from = place; known = sequence
            :: else -> next = 0
            fi;
            to = 0
          };
          if
          :: atomic { next == 0 -> break }
          :: atomic { next != 0 -> next = 0 }
          fi
       :: /* It has come to the end, or is cancelled. */
          atomic { from >= head -> break }
       :: atomic { cancelsLeft > 0 -> cancelsLeft--; break }
       od;
       atomic {
         working--; from = 0; known = 0; next = 0; to = 0;
         if :: lock == p -> lock = NOBODY :: else fi
       }
    :: atomic { lock != NOBODY && lock != p -> REACHED(r_held, true) }
    od
  } unless { atomic { kill[p] -> skip } };
  atomic {
    kill[p] = false; from = 0; known = 0; next = 0; to = 0;
    goto start
  }
}

active proctype Appender() {
  do
  :: atomic { head < N -> head++ }
  :: atomic { head == N -> break }
  od
}

inline stop(p) {
  crashesLeft--; kill[p] = true; isAlive[p] = false;
  REACHED(r_once, lock == p && place > 0);
#ifdef M_PLACE_LOST
  if :: place > 0 -> place = 0 :: else fi;
#endif
#ifndef M_LOCK_STAYS
  if :: lock == p -> lock = NOBODY; working-- :: else fi
#endif
}

active proctype Crasher() {
  do
  :: atomic { crashesLeft > 0 && isAlive[0] && !kill[0] -> stop(0) }
  :: atomic { crashesLeft > 0 && isAlive[1] && !kill[1] -> stop(1) }
  od
}

init { atomic { run Reader(0); run Reader(1) } }

#ifdef LTL
/* Everything is told, though readers die and are cancelled. */
ltl l_told { <> (told[1] && told[2] && told[3] && told[4]) }
#endif

/* How a journal comes into the world: `Birth.create`, and what opening adds to it.
   What each part stands for, and what is left out: Specs/Models.md.

   @run    birth  569363
   @live   l_open  19618  -DCRASHES=1
   @prop   s_whole   birth
   @prop   s_named   birth
   @prop   s_single  birth
   @prop   l_open    l_open

   @reach  r_lost    -DCRASHES=1
   @reach  r_slower  -DCRASHES=0
   @reach  r_left    -DCRASHES=1

   @mutant rename-first     s_whole   caught    -DM_RENAME_FIRST
   @mutant data-unsynced    s_whole   caught    -DM_DATA_UNSYNCED
   @mutant folder-unsynced  s_whole   caught    -DM_FOLDER_UNSYNCED
   @mutant open-trusts      s_named   caught    -DM_OPEN_TRUSTS
   @mutant birth-parent     s_named   survives  -DM_PARENT_UNSYNCED
   @mutant open-trusts-2    s_named   caught    -DM_OPEN_TRUSTS -DM_PARENT_UNSYNCED
   @mutant replaced         s_single  caught    -DM_REPLACED
   @mutant slower-gives-up  l_open    caught    -DM_SLOWER_GIVES_UP -DCRASHES=0
*/

#ifndef CRASHES
#define CRASHES 2    /* of a process, or of the machine */
#endif
#define BIRTHS (2 + 2 * CRASHES)
#define NOTHING 9

#ifndef ONLY
#define ONLY 0
#endif
#ifndef REACH
#define REACH 0
#endif
#define CHECK(p, x) assert((ONLY != 0 && ONLY != p) || (x))
#define REACHED(r, x) assert(REACH != r || !(x))
#define s_whole 1    /* who finds the name finds a whole journal under it */
#define s_named 2    /* a journal in which something was acknowledged keeps its name */
#define s_single 3   /* no journal takes the place of another */
#define r_lost 1     /* a crash takes a name back that nobody was acknowledged anything under */
#define r_slower 2   /* one of two makers is slower, and opens what the other made */
#define r_left 3     /* a crash leaves a temporary folder */

/* Folders, by the number of their birth; the last bit of each is what the drive has. */
bool isWhole[BIRTHS];       /* data.mdb holds a head record and all */
bool isDataSafe[BIRTHS];    /* the drive has that */
bool isEntrySafe[BIRTHS];   /* the drive has the name data.mdb in the folder */
byte births;

byte name = NOTHING;        /* the folder under the journal's name, as the kernel has it */
byte nameSafe = NOTHING;    /* as the drive has it */
byte acked = NOTHING;       /* where something was acknowledged */
bool isOpened[2];
bool kill[2];
byte crashesLeft = CRASHES;

proctype Opener(byte p) {
  byte own = NOTHING;

start:
  {
    do
    :: atomic {
         name == NOTHING && births < BIRTHS -> own = births; births++
       };
#ifdef M_RENAME_FIRST
       atomic { if :: name == NOTHING -> name = own :: else fi };
#endif
       atomic { isWhole[own] = true };
#ifndef M_DATA_UNSYNCED
       atomic { isDataSafe[own] = true };
#endif
#ifndef M_FOLDER_UNSYNCED
       atomic { isEntrySafe[own] = true };
#endif
       atomic {
         /* `rename` fails where something is already. */
         if
         :: name == NOTHING -> name = own
#ifdef M_REPLACED
         :: name != NOTHING -> CHECK(s_single, acked == NOTHING || acked == own); name = own
#else
         :: name != NOTHING && name != own -> REACHED(r_slower, true)
#ifdef M_SLOWER_GIVES_UP
            ; own = NOTHING; goto gone
#endif
         :: name == own
#endif
         fi
       };
#ifndef M_PARENT_UNSYNCED
       atomic { nameSafe = name };
#endif
       own = NOTHING
    :: /* `LMDBJournal.init`: whoever made it may have died before its name was durable. */
       atomic { name != NOTHING && !isOpened[p] -> own = name };
#ifndef M_OPEN_TRUSTS
       atomic { isEntrySafe[own] = true };
       atomic { nameSafe = name };
#endif
       atomic {
         CHECK(s_whole, isWhole[own]);
         /* The first commit: its flushes are of the data file. */
         isDataSafe[own] = true;
         CHECK(s_single, acked == NOTHING || acked == name);
         acked = own; isOpened[p] = true; own = NOTHING
       }
    od
  } unless { atomic { kill[p] -> skip } };
  atomic {
    REACHED(r_left, own != NOTHING && own != name);
    kill[p] = false; isOpened[p] = false; own = NOTHING;
    goto start
  }
#ifdef M_SLOWER_GIVES_UP
gone:
  false
#endif
}

active proctype Crasher() {
  byte i;
  do
  :: atomic { crashesLeft > 0 && !kill[0] -> crashesLeft--; kill[0] = true }
  :: atomic { crashesLeft > 0 && !kill[1] -> crashesLeft--; kill[1] = true }
  :: /* The machine stops: what was not flushed is there or not. */
     atomic {
       crashesLeft > 0 -> crashesLeft--;
       kill[0] = true; kill[1] = true;
       i = 0;
       do
       :: i < BIRTHS ->
          if
          :: isWhole[i] && !(isDataSafe[i] && isEntrySafe[i]) -> isWhole[i] = false
          :: true
          fi;
          i++
       :: else -> break
       od;
       i = 0;
       if :: name = nameSafe :: nameSafe = name fi;
       REACHED(r_lost, name == NOTHING && births > 0);
       CHECK(s_named, acked == NOTHING || name == acked);
       CHECK(s_whole, name == NOTHING || isWhole[name])
     }
  od
}

init { atomic { run Opener(0); run Opener(1) } }

#ifdef LTL
ltl l_open { <> (isOpened[0] && isOpened[1]) }
#endif

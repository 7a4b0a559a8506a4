/* exchange.pml - the exchange of ARCHITECTURE.md, checked with spin 6.5.2 by check.sh; README.md says what stands for what.
 *
 * ONE shard: Redis part (s_*), its snapshot on disk (d_*), its Kafka partition, and everybody who touches it:
 *   Replica x NREP  relay + healer in one (lease, read outbox, publish, trim; fence, fold, trim, store)
 *   Client  x NCLI  gRPC commands (request ids, STORED or PUBLISHED, resend after an unknown outcome)
 *   Consumer x NCON the shard as TARGET of another partition (static valid source log of J commands), CAS inbox
 *   RawReader x NRAW consumers of THIS partition record by record (dups, void events, fences, start in the middle)
 *   Crash           Redis comes back at any earlier state (prefix), with a new run_id
 * The partition is kept as (off, v_gen, v_seq, v_id[]): what a reader that reads from the start is entitled to see;
 * validity of a record depends only on records before it, so it is decided at append. With NRAW>0 raw records are kept too.
 *
 * Flags: 1 = as the code does it, 0 (or other) = one rule taken away, as named in configurations.txt.
 */
#ifndef NREP
#define NREP 2
#endif
#ifndef NCLI
#define NCLI 1
#endif
#ifndef NCMD            /* commands of each client */
#define NCMD 3
#endif
#ifndef NCON
#define NCON 0
#endif
#ifndef J               /* commands caused by the source events */
#define J 0
#endif
#ifndef NRAW
#define NRAW 0
#endif
#ifndef NCRASH
#define NCRASH 1
#endif
#ifndef NSTEAL          /* leases taken from a live (paused) holder */
#define NSTEAL 1
#endif
#ifndef NDIE            /* replicas that die for good */
#define NDIE 0
#endif
#ifndef NLOST           /* replies lost / consumer restarts */
#define NLOST 0
#endif
#ifndef FRESH           /* 1 = first start, nothing healed yet; 0 = shard healed once */
#define FRESH 0
#endif
#ifndef MAXL
#define MAXL 40
#endif
/* ---- protocol flags ---- */
#ifndef RUNCHK
#define RUNCHK 1        /* a connection checks that this Redis instance was reconciled */
#endif
#ifndef FENCE
#define FENCE 1
#endif
#ifndef FENCECAS
#define FENCECAS 1      /* a fence names the generation it ends; it counts only if that is the current one */
#endif
#ifndef LEASEFIRST
#define LEASEFIRST 1    /* healing begins by taking the lease; fold, trim, store check it */
#endif
#ifndef FOLDCAS
#define FOLDCAS 1
#endif
#ifndef STOREMONO
#define STOREMONO 1     /* a smaller generation never replaces a greater one */
#endif
#ifndef STAMP
#define STAMP 1         /* 0 at commit, 1 as read together with the outbox entry, 2 current one at the moment of publishing */
#endif
#ifndef TRIMEPOCH
#define TRIMEPOCH 1
#endif
#ifndef TRIMGEN
#define TRIMGEN 1
#endif
#ifndef UNIQTOK
#define UNIQTOK 1       /* lease token never comes twice, 0 = counter kept in Redis */
#endif
#ifndef KEEP
#define KEEP 1          /* a relay may live through a reconnect and count acks that came meanwhile */
#endif
#ifndef PUBTRIM
#define PUBTRIM 1       /* PUBLISHED follows from an accepted trim; 0 = from Kafka's ack */
#endif
#ifndef WAITGEN
#define WAITGEN 1       /* who waits for PUBLISHED notices a new generation / connection and asks again */
#endif
#ifndef REQFOLD
#define REQFOLD 1       /* fold brings request ids back */
#endif
#ifndef CAS
#define CAS 1           /* inbox mark compare-and-set, 0 = only mark < (n,k) */
#endif
#ifndef POSREDIS
#define POSREDIS 1      /* place to start reading lies in the target shard; 0 = Kafka's committed offset */
#endif
#ifndef OFFEARLY
#define OFFEARLY 0
#endif
#ifndef NOTHING
#define NOTHING 0       /* command 2 is 'nothing to do' unless a gRPC event came before it */
#endif
#ifndef HDRMARK
#define HDRMARK 1       /* an event also carries the marks that moved without an event */
#endif
#ifndef PARK
#define PARK 0          /* command 2 is rejected and parked */
#endif
#ifndef PARKEVENT
#define PARKEVENT 1     /* parking is an event of the shard's own log */
#endif
#ifndef VERTOK
#define VERTOK 1        /* version = id of the last event; 0 = a count */
#endif
#ifndef PAIR
#define PAIR 0          /* clients send their commands two in one pipeline, the 2nd decided on the 1st in memory */
#endif
#ifndef CACHE
#define CACHE 0         /* a client keeps state in memory over a reconnect */
#endif
#ifndef KNOWGEN
#define KNOWGEN 1       /* stored cursor of a reader = (offset, generation, n); 0 = offset only */
#endif
#ifndef MONITOR
#define MONITOR 1
#endif

#define NTOT (NCLI*NCMD)
#define NS (NTOT+J+2)
#define CID(c) (8+(c))                    /* ids: consumer commands 1..J, gRPC commands 9.. */
#define BIT(x) (1<<((x)-8))
/* event of command j: 1 | 2 3 | 4 */
#define FIRST(p) ((p)==0 -> 1 : ((p)==1 -> 2 : ((p)==2 -> 4 : 5)))
#define DONE(m) ((m)<1 -> 0 : ((m)<3 -> 1 : ((m)<4 -> 2 : 3))) /* last event wholly done at mark m */
#if NOTHING
#define AGG(id) 1
#else
#define AGG(id) ((id)>=8 -> 1 : (id)%2)
#endif
#define SAME(a,id) ((a)==(id) || (a)==(id)+16)         /* id+16: the same event, committed after mark 2 (ghost, NOTHING only) */
#if RUNCHK
#define HEALED (s_hrun==s_run)
#else
#define HEALED (s_hrun!=0)
#endif

/* ---- Redis ---- */
byte s_run=1, s_hrun, s_gen, s_seq, s_trim, s_tok, s_own=9;
byte s_st[NS];                            /* s_st[q-1] = id of event q; outbox = entries s_trim+1..s_seq */
byte s_req;                               /* request ids remembered */
byte d_hrun, d_gen, d_seq, d_trim, d_tok, d_own=9, d_req;
byte d_st[NS];
#if !UNIQTOK
byte s_ep, d_ep;
#endif
#if STAMP==0
byte s_eg[NS], d_eg[NS];
#endif
#if J || PAIR || CACHE
byte s_ver[2], s_last[2], d_ver[2], d_last[2];
#endif
#if J
byte s_mark, s_pos, d_mark, d_pos, k_off;
byte s_hm[NS], d_hm[NS], v_hm[NS];        /* mark that event q carries in its headers */
byte s_park, d_park;                      /* bits of parked commands */
#endif
/* ---- Kafka partition, as entitled readers see it ---- */
byte off, v_gen, v_seq;
byte v_id[NS];
byte kacked;
#if NRAW
byte r_gen[MAXL], r_seq[MAXL], r_id[MAXL];   /* seq 0 = fence, id = generation it ends */
byte k_off, k_gen, k_n;                   /* committed cursor of the group */
byte t_mark; byte t_id[NS];               /* a target without crashes: effect per seq */
#endif
/* ---- bookkeeping of the model ---- */
byte uniq, steals, deaths, losts, clients, x_;
bool dead[NREP+8];
byte z_;

#define TAKEABLE(me) (s_tok==0 || s_own==me || dead[s_own] || steals<NSTEAL)
inline take(me_, t_) {
  if :: (s_tok!=0 && s_own!=me_ && !dead[s_own]) -> steals++ :: else fi;
#if UNIQTOK
  uniq++; t_ = uniq;
#else
  s_ep++; t_ = s_ep;
#endif
  s_tok = t_; s_own = me_;
  printf("R%d takes lease, token %d\n", me_, t_)
}
#if LEASEFIRST
#define TOKOK(t) (s_tok==t)
#else
#define TOKOK(t) (true)
#endif

inline absent_v(id_) {                   /* never twice */
  z_=0; do :: z_<v_seq -> assert(v_id[z_]!=id_); z_++ :: else -> break od; z_=0
}
inline absent_s(id_) {
  z_=0; do :: z_<s_seq -> assert(s_st[z_]!=id_); z_++ :: else -> break od; z_=0
}
inline append_event(G_,Q_,I_,who) {
#if NRAW
  r_gen[off]=G_; r_seq[off]=Q_; r_id[off]=I_;
#endif
  off++; assert(off<MAXL);
  if
  :: G_ < v_gen -> printf("R%d appends event seq %d id %d gen %d at %d: VOID (log gen %d)\n", who,Q_,I_,G_,off,v_gen)
  :: else ->
#if !FENCE
     v_gen = G_;
#endif
     if
     :: Q_ <= v_seq -> printf("R%d appends event seq %d id %d gen %d at %d: duplicate\n", who,Q_,I_,G_,off);
        assert(v_id[Q_-1]==I_)                                   /* no fork: same number, same event */
     :: Q_ == v_seq+1 -> printf("R%d appends event seq %d id %d gen %d at %d: valid\n", who,Q_,I_,G_,off);
        absent_v(I_);                                 /* no effect twice */
        v_id[v_seq]=I_;
#if J
        v_hm[v_seq]=s_hm_tmp;
#endif
        v_seq++
     :: else -> printf("GAP at seq %d\n", Q_); assert(false)      /* readers would stop: a relay skipped */
     fi
  fi;
  if :: I_>8 && I_<16 -> kacked = kacked | BIT(I_) :: else fi
}

proctype Replica(byte me) {
  byte conn, tok, lo, hi, stamp, m, f, prev, i;
  byte mem[NS];
#if J
  byte mhm[NS]; byte s_hm_tmp;
#endif
#if STAMP==0
  byte mg[NS];
#endif
Connect:
  atomic {
    tok=0; conn=s_run; lo=0; hi=0; stamp=0; m=0; f=0; prev=0; i=0;
    z_=0; do :: z_<NS -> mem[z_]=0;
#if J
      mhm[z_]=0;
#endif
#if STAMP==0
      mg[z_]=0;
#endif
      z_++ :: else -> break od; z_=0;
    if
    :: HEALED -> goto Serve
    :: else -> goto Heal
    fi
  }
Serve:
end_serve:
  do
  :: atomic { conn!=s_run -> goto Connect }
  :: atomic { conn==s_run && tok==0 && TAKEABLE(me) && s_trim<s_seq -> take(me,tok) }   /* lazily, when there is something to publish */
  :: atomic { conn==s_run && tok!=0 && s_trim<s_seq ->
       lo=s_trim; hi=s_seq; stamp=s_gen; i=lo+1;
       z_=lo; do :: z_<hi -> mem[z_]=s_st[z_];
#if J
         mhm[z_]=s_hm[z_];
#endif
#if STAMP==0
         mg[z_]=s_eg[z_];
#endif
         z_++ :: else -> break od; z_=0;
       printf("R%d reads outbox %d..%d, gen %d\n", me, lo+1, hi, stamp);
       goto Publish }
  od;
Publish:
  do
  :: atomic { i<=hi ->
#if J
       s_hm_tmp=mhm[i-1];
#endif
#if STAMP==0
       append_event(mg[i-1], i, mem[i-1], me);
#elif STAMP==1
       append_event(stamp, i, mem[i-1], me);
#else
       append_event(s_gen, i, mem[i-1], me);
#endif
       i++ }
  :: atomic { i>hi -> break }
#if NDIE
  :: atomic { deaths<NDIE -> deaths++; dead[me]=1; printf("R%d dies\n",me); goto Dead }
#endif
  od;
Trim:
  if
  :: atomic { conn==s_run && (!TRIMEPOCH || s_tok==tok) && (!TRIMGEN || s_gen==stamp) ->
       if :: s_trim < hi && hi<=s_seq -> s_trim=hi :: s_trim<hi && hi>s_seq -> s_trim=s_seq :: else fi;
       printf("R%d trims up to %d\n", me, s_trim);
       lo=0; hi=0; stamp=0; i=0;
       z_=0; do :: z_<NS -> mem[z_]=0;
#if J
         mhm[z_]=0;
#endif
         z_++ :: else -> break od; z_=0;
       goto Serve }
  :: atomic { conn==s_run && !((!TRIMEPOCH || s_tok==tok) && (!TRIMGEN || s_gen==stamp)) -> printf("R%d trim refused\n",me); goto Connect }
  :: atomic { conn!=s_run -> goto Connect }
#if KEEP
  :: atomic { conn!=s_run && HEALED -> conn=s_run; printf("R%d reconnects, keeps lease and acks\n",me); goto Trim }
#endif
  fi;
Heal:
#if FENCE && LEASEFIRST!=2
  atomic { prev=v_gen; printf("R%d (healer) has read the log to its end: gen %d\n",me,prev) };   /* the end of the log first, the lease second */
#endif
#if LEASEFIRST
  if
  :: atomic { conn==s_run && s_hrun!=s_run && TAKEABLE(me) -> take(me,tok) }
  :: atomic { conn!=s_run || s_hrun==s_run -> goto Connect }
  fi;
#endif
#if FENCE
#if LEASEFIRST==2
  atomic { prev=v_gen; printf("R%d (healer) has read the log to its end: gen %d\n",me,prev) };
#endif
  atomic {
#if NRAW
    r_gen[off]=off+1; r_seq[off]=0; r_id[off]=prev;
#endif
    off++; assert(off<MAXL);
    if
    :: (!FENCECAS || prev==v_gen) -> v_gen=off; f=off; m=v_seq; printf("R%d appends FENCE %d, log has seq up to %d\n",me,f,m)
    :: else -> printf("R%d appends fence that does not count\n",me); goto Connect
    fi };
#else
  atomic { f=s_gen+1; m=v_seq; printf("R%d heals without a fence, new gen %d, log has seq up to %d\n",me,f,m) };
#endif
#if NDIE
  if :: atomic { deaths<NDIE -> deaths++; dead[me]=1; printf("R%d dies\n",me); goto Dead } :: true fi;
#endif
#if !FOLDCAS
  i=s_seq;
#endif
  do
  :: atomic { conn!=s_run -> goto Connect }
  :: atomic { conn==s_run && !TOKOK(tok) -> printf("R%d fold refused\n",me); goto Connect }
#if FOLDCAS
  :: atomic { conn==s_run && TOKOK(tok) && s_seq<m ->
       x_=v_id[s_seq];
#else
  :: atomic { conn==s_run && TOKOK(tok) && i<m ->
       s_seq=i; x_=v_id[s_seq];
#endif
       absent_s(x_);
       s_st[s_seq]=x_; 
#if REQFOLD
       if :: x_>8 && x_<16 -> s_req=s_req|BIT(x_) :: x_>24 && x_<32 -> s_req=s_req|BIT(x_-16) :: else fi;
#endif
#if STAMP==0
       s_eg[s_seq]=f;
#endif
#if J
       s_hm[s_seq]=v_hm[s_seq];
       if :: v_hm[s_seq]>s_mark -> s_mark=v_hm[s_seq] :: else fi;
       if :: x_>=32 -> s_park=s_park|(1<<(x_-32)) :: else s_ver[AGG(x_)]=s_ver[AGG(x_)]+1; s_last[AGG(x_)]=x_ fi;
#elif PAIR || CACHE
       s_ver[1]=s_ver[1]+1; s_last[1]=x_;
#endif
       s_seq++; i++;
       printf("R%d folds seq %d id %d\n",me,s_seq,x_); x_=0 }
#if FOLDCAS
  :: atomic { conn==s_run && TOKOK(tok) && s_seq>=m -> break }
#else
  :: atomic { conn==s_run && TOKOK(tok) && i>=m -> break }
#endif
  od;
  if
  :: atomic { conn==s_run && TOKOK(tok) -> if :: s_trim<m -> s_trim=m :: else fi }
  :: atomic { conn!=s_run || !TOKOK(tok) -> goto Connect }
  fi;
  if
  :: atomic { conn==s_run && TOKOK(tok) && (!STOREMONO || f>s_gen) -> s_gen=f; s_hrun=s_run; prev=0; f=0; m=0; i=0;
       printf("R%d stores generation %d for run %d\n",me,s_gen,s_run); goto Serve }
  :: atomic { conn!=s_run || !TOKOK(tok) || (STOREMONO && f<=s_gen) -> printf("R%d store refused\n",me); goto Connect }
  fi;
Dead: skip
}

inline seqof(id_, q_) { q_=0; do :: q_<s_seq && !SAME(s_st[q_],id_) -> q_++ :: else -> break od; q_++ }
inline inlog(id_) { z_=0; do :: z_<v_seq && !SAME(v_id[z_],id_) -> z_++ :: else -> break od; assert(z_<v_seq); z_=0 }

inline put(id_) {                 /* the commit's writes */
  absent_s(id_);
#if NOTHING
  s_st[s_seq]=(id_>8 && s_mark>=2 -> id_+16 : id_);
#else
  s_st[s_seq]=id_;
#endif
  if :: id_>8 && id_<16 -> s_req=s_req|BIT(id_) :: else fi;
#if STAMP==0
  s_eg[s_seq]=s_gen;
#endif
#if J
#if HDRMARK
  s_hm[s_seq]=s_mark;
#else
  if :: id_<8 -> s_hm[s_seq]=id_ :: id_>=32 -> s_hm[s_seq]=id_-32 :: else -> s_hm[s_seq]=0 fi;
#endif
  if :: id_<32 -> s_ver[AGG(id_)]=s_ver[AGG(id_)]+1; s_last[AGG(id_)]=id_ :: else fi;
#elif PAIR || CACHE
  s_ver[1]=s_ver[1]+1; s_last[1]=id_;
#endif
  s_seq++
}

proctype Client(byte c0, cn) {
  byte conn, g, q, c, ver, last, cg; bool done1, done2;
  c=c0; last=0; 
#if PAIR
Again:
  atomic { HEALED -> conn=s_run; g=s_gen; ver=s_ver[1]; last=s_last[1]; printf("C%d decides %d and %d on version %d (last event %d)\n",c0,CID(c),CID(c+1),ver,last) };
  atomic { if
    :: done1 -> skip
    :: !done1 && conn==s_run && g==s_gen && (VERTOK -> last==s_last[1] : ver==s_ver[1]) ->
         assert(last==s_last[1]); put(CID(c)); done1=1; printf("C%d commits %d\n",c0,CID(c)); ver++; last=CID(c)
    :: else -> printf("C%d commit of %d refused\n",c0,CID(c)); ver++; last=CID(c)
    fi };
  atomic { if
    :: conn==s_run && g==s_gen && (VERTOK -> last==s_last[1] : ver==s_ver[1]) ->
         printf("C%d commits %d, decided on last event %d, Redis has %d\n",c0,CID(c+1),last,s_last[1]);
         assert(last==s_last[1]);       /* what is committed was decided on the state it replaces */
         put(CID(c+1)); done2=1
    :: else -> printf("C%d commit of %d refused\n",c0,CID(c+1))
    fi };
  atomic { if :: done1 && done2 -> clients++; goto Out :: !done1 && done2 -> assert(false) :: else -> goto Again fi };
#else
Try:
  do
  :: atomic { c>cn -> break }
  :: atomic { c<=cn && HEALED -> conn=s_run;
#if CACHE
       if :: (last==0 || (CACHE==1 && cg!=s_gen)) -> ver=s_ver[1]; last=s_last[1] :: else fi; cg=s_gen;
#elif J
       ver=s_ver[1]; last=s_last[1];
#endif
       g=s_gen };
     atomic {
       if
       :: conn!=s_run || g!=s_gen -> goto Try
       :: else ->
          if
          :: s_req & BIT(CID(c)) -> seqof(CID(c),q); printf("C%d: request %d known, seq %d\n",c0,CID(c),q)
#if CACHE || J
          :: !(s_req & BIT(CID(c))) && !(VERTOK -> last==s_last[1] : ver==s_ver[1]) -> last=0; goto Try
          :: !(s_req & BIT(CID(c))) && (VERTOK -> last==s_last[1] : ver==s_ver[1]) ->
             printf("C%d commits %d as seq %d gen %d, decided on %d, Redis has %d\n",c0,CID(c),s_seq+1,g,last,s_last[1]);
             assert(last==s_last[1]); put(CID(c)); q=s_seq; ver++; last=CID(c)
#else
          :: else -> put(CID(c)); q=s_seq; printf("C%d commits %d as seq %d gen %d: STORED\n",c0,CID(c),q,g)
#endif
          fi
       fi };
     if
     :: atomic { (PUBTRIM -> (s_trim>=q && (!WAITGEN || (conn==s_run && g==s_gen))) : (kacked & BIT(CID(c)))) ->
          printf("C%d: %d PUBLISHED\n",c0,CID(c)); inlog(CID(c)); c++; q=0; conn=0; g=0 }  /* survives loss of Redis: is valid in the log */
#if WAITGEN
     :: atomic { conn!=s_run || g!=s_gen -> q=0; conn=0; g=0; goto Try }                   /* outcome unknown: send again */
#endif
     :: atomic { c++; q=0; conn=0; g=0 }                                                   /* content with STORED */
#if NLOST
     :: atomic { losts<NLOST -> losts++; q=0; conn=0; g=0; goto Try }                      /* reply lost, send again */
#endif
     fi
  od;
  clients++;
#endif
Out: skip
}

#if NCON
inline apply(j_) {
  s_mark=j_;
#if PARK
  if :: j_==2 -> s_park=s_park|4; printf("K%d parks 2\n",me);
#if PARKEVENT
        put(34)
#endif
     :: else -> put(j_); printf("K%d commits %d as seq %d\n",me,j_,s_seq)
  fi
#elif NOTHING
  if :: j_==2 && !seen -> printf("K%d: nothing to do for 2\n",me)
     :: j_==2 && seen -> printf("K%d: 2 has an effect now\n",me);
        z_=0; do :: z_<v_seq -> assert(v_id[z_]<=16); z_++ :: else -> break od; z_=0;   /* not judged again behind an event that survived */
        put(j_)
     :: else -> put(j_); printf("K%d commits %d as seq %d\n",me,j_,s_seq)
  fi
#else
  put(j_); printf("K%d commits %d as seq %d\n",me,j_,s_seq)
#endif
}
proctype Consumer(byte me) {
  byte conn, g, mk, pos, j1, j2, va, vb, la, lb; bool seen;
Start:
end_start:
  atomic { HEALED ->
    conn=s_run; g=s_gen; mk=s_mark; j1=0; j2=0; va=0; vb=0; la=0; lb=0;
#if POSREDIS
    pos=s_pos
#else
    pos=k_off
#endif
  };
Next:
  atomic {
    j1 = (FIRST(pos)>mk+1 -> FIRST(pos) : mk+1);
    if :: j1>J -> j1=0; goto Idle :: else fi;
    j2 = (j1<J -> j1+1 : 0)
  };
#if OFFEARLY
  atomic { k_off=(j2 -> DONE(j2) : DONE(j1)) };
#endif
  atomic {                       /* load, decide both in memory */
    va=s_ver[AGG(j1)]; la=s_last[AGG(j1)]; 
    seen=0; z_=0; do :: z_<s_seq -> if :: s_st[z_]>8 -> seen=1 :: else fi; z_++ :: else -> break od; z_=0;
    if
    :: j2 && AGG(j1)!=AGG(j2) -> vb=s_ver[AGG(j2)]; lb=s_last[AGG(j2)]
    :: j2 && AGG(j1)==AGG(j2) && (NOTHING && j1==2 && !seen) -> vb=va; lb=la
    :: j2 && AGG(j1)==AGG(j2) && !(NOTHING && j1==2 && !seen) -> vb=va+1; lb=j1
    :: else
    fi
  };
#if NLOST
  if :: atomic { losts<NLOST -> losts++; printf("K%d lost its partition, starts again\n",me); goto Start } :: true fi;
#endif
  atomic {
    if
    :: conn==s_run && g==s_gen && (CAS -> s_mark==mk : s_mark<j1) && (VERTOK -> s_last[AGG(j1)]==la : s_ver[AGG(j1)]==va) ->
       apply(j1); mk=j1
    :: else -> printf("K%d commit of %d refused (mark %d, expected %d)\n",me,j1,s_mark,mk); if :: j2 -> j1=0 :: else -> goto Start fi
    fi };
  if
  :: j2 ->
     atomic {
       if
       :: conn==s_run && g==s_gen && (CAS -> s_mark==(j2-1) : s_mark<j2) && (VERTOK -> s_last[AGG(j2)]==lb : s_ver[AGG(j2)]==vb) ->
          apply(j2);
          if :: j1==0 -> goto Start :: else -> mk=j2 fi
       :: else -> printf("K%d commit of %d refused (mark %d)\n",me,j2,s_mark); goto Start
       fi }
  :: else
  fi;
#if POSREDIS
  atomic { if :: conn==s_run && g==s_gen && s_pos<DONE(mk) -> s_pos=DONE(mk) :: else fi };
#elif !OFFEARLY
  if :: atomic { k_off=DONE(mk); printf("K%d stores offset %d\n",me,k_off) } :: true fi;       /* may lag, may go back */
#endif
  atomic { j1=0; j2=0; va=0; vb=0; la=0; lb=0; seen=0; goto Next };
Idle:
end_idle:
  atomic { (conn!=s_run || g!=s_gen) -> goto Start }
}
#endif

proctype Crash() {
  byte n;
  do
  :: n<NCRASH ->
     atomic { d_hrun=s_hrun; d_gen=s_gen; d_seq=s_seq; d_trim=s_trim; d_tok=s_tok; d_own=s_own; d_req=s_req;
       z_=0; do :: z_<NS -> d_st[z_]=s_st[z_];
#if STAMP==0
         d_eg[z_]=s_eg[z_];
#endif
#if J
         d_hm[z_]=s_hm[z_];
#endif
         z_++ :: else -> break od; z_=0;
#if !UNIQTOK
       d_ep=s_ep;
#endif
#if J || PAIR || CACHE
       d_ver[0]=s_ver[0]; d_ver[1]=s_ver[1]; d_last[0]=s_last[0]; d_last[1]=s_last[1];
#endif
#if J
       d_mark=s_mark; d_pos=s_pos; d_park=s_park;
#endif
       };
     atomic { s_hrun=d_hrun; s_gen=d_gen; s_seq=d_seq; s_trim=d_trim; s_tok=d_tok; s_own=d_own; s_req=d_req;
       z_=0; do :: z_<NS -> s_st[z_]=d_st[z_]; d_st[z_]=0;
#if STAMP==0
         s_eg[z_]=d_eg[z_]; d_eg[z_]=0;
#endif
#if J
         s_hm[z_]=d_hm[z_]; d_hm[z_]=0;
#endif
         z_++ :: else -> break od; z_=0;
#if !UNIQTOK
       s_ep=d_ep; d_ep=0;
#endif
#if J || PAIR || CACHE
       s_ver[0]=d_ver[0]; s_ver[1]=d_ver[1]; s_last[0]=d_last[0]; s_last[1]=d_last[1];
       d_ver[0]=0; d_ver[1]=0; d_last[0]=0; d_last[1]=0;
#endif
#if J
       s_mark=d_mark; s_pos=d_pos; s_park=d_park; d_mark=0; d_pos=0; d_park=0;
#endif
       d_hrun=0; d_gen=0; d_seq=0; d_trim=0; d_tok=0; d_own=9; d_req=0;
       s_run++; n++;
       printf("REDIS back as run %d with seq %d trim %d gen %d\n", s_run, s_seq, s_trim, s_gen) }
  :: break
  od
}

#if NRAW
proctype RawReader(byte me) {
  byte pos, cg, n, mk; bool kn;
Start:
  atomic { pos=k_off; mk=t_mark; 
#if KNOWGEN
    cg=k_gen; n=k_n; kn=1;
#else
    cg=0; n=0; kn=(k_off==0);
#endif
  };
Loop:
end_raw:
  do
  :: atomic { pos<off ->
       if
       :: r_seq[pos]==0 ->
          if :: (!FENCECAS || !kn || r_id[pos]==cg) -> cg=pos+1 :: else fi; pos++
       :: else ->
          if
          :: r_gen[pos]<cg -> pos++
          :: r_gen[pos]==cg && kn && r_seq[pos]<=n -> pos++
          :: r_gen[pos]==cg && kn && r_seq[pos]>n+1 -> printf("K%d GAP\n",me); assert(false)
          :: r_gen[pos]>cg && kn -> printf("K%d GAP: a generation without its fence\n",me); assert(false)
          :: r_gen[pos]>=cg && (!kn || (r_gen[pos]==cg && r_seq[pos]==n+1)) -> 
             cg=r_gen[pos]; kn=1; n=r_seq[pos];
             if :: n<=mk -> pos++ :: else -> goto Apply fi
          fi
       fi }
  :: atomic { k_off!=pos && k_off<pos -> k_off=pos; k_gen=cg; k_n=n }      /* store the cursor, any time */
#if NLOST
  :: atomic { losts<NLOST -> losts++; printf("K%d starts again from offset %d\n",me,k_off); goto Start }
#endif
  od;
Apply:
  atomic {
    if
    :: t_mark==mk -> 
       printf("K%d applies seq %d id %d\n",me,n,r_id[pos]);
       assert(n==t_mark+1);                      /* one target shard, each event one command: nothing leapt over */
       assert(n<=v_seq && r_id[pos]==v_id[n-1]); /* only what readers are entitled to see */
       t_mark=n; t_id[n-1]=r_id[pos]; mk=n; pos++; goto Loop
    :: else -> goto Start
    fi }
}
#endif

proctype Monitor() {
  timeout ->
  atomic {
    printf("QUIET: redis seq %d trim %d, log seq %d, clients %d\n", s_seq, s_trim, v_seq, clients);
    assert(clients==NCLI);                       /* nobody stuck */
    assert(s_hrun==s_run || (!RUNCHK));
    assert(s_seq==v_seq && s_trim==s_seq);       /* relay finished */
    z_=0; do :: z_<s_seq -> assert(s_st[z_]==v_id[z_]); z_++ :: else -> break od; z_=0;   /* state = fold of the valid log */
#if J
    assert(s_mark==J);                           /* consumers finished */
    x_=1;
    do
    :: x_<=J ->
       /* effect exactly once, in order */
       z_=0; do :: z_<s_seq && s_st[z_]!=x_ && s_st[z_]!=x_+32 -> z_++ :: else -> break od;
#if NOTHING
       if :: x_==2 -> skip :: else -> assert(z_<s_seq) fi;
#elif PARK
       if :: x_==2 -> assert(s_park & 4) :: else -> assert(z_<s_seq) fi;
#else
       assert(z_<s_seq);
#endif
       do :: z_<s_seq -> assert(!(s_st[z_]<x_ && s_st[z_]>0)); z_++ :: else -> break od;
       x_++
    :: else -> break
    od; x_=0; z_=0;
#endif
#if NRAW
    assert(t_mark==v_seq);
    z_=0; do :: z_<v_seq -> assert(t_id[z_]==v_id[z_]); z_++ :: else -> break od; z_=0;
#endif
  }
}

init {
  atomic {
#if !FRESH
    s_hrun=1; s_gen=1; off=1; v_gen=1;
#if NRAW
    r_gen[0]=1;
#endif
#endif
    x_=0; do :: x_<NREP -> run Replica(x_); x_++ :: else -> break od;
    x_=0; do :: x_<NCLI -> run Client(1+x_*NCMD, (x_+1)*NCMD); x_++ :: else -> break od;
#if NCON
    x_=0; do :: x_<NCON -> run Consumer(x_); x_++ :: else -> break od;
#endif
#if NRAW
    x_=0; do :: x_<NRAW -> run RawReader(x_); x_++ :: else -> break od;
#endif
    x_=0;
    if :: NCRASH>0 -> run Crash() :: else fi;
    run Monitor()
  }
}

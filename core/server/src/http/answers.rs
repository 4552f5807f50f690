//! Answers about the present that were given before.
//!
//! What a ledger answers follows from its log, so an answer is good for as long as the log stands where it stood. Where that
//! is, is asked of the database for every request, by a look that begins after the request came: no write that was acknowledged
//! before is missed, whichever process it went through. One look answers all who wait for it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::iter;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::body::MessageBody as _;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use recoup_model::record::Ledger;
use recoup_store::{Head, Store, StoreError};
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::task::yield_now;
use tokio::time::timeout;

/// What an answer takes besides its body, about.
const HEAD_BYTES: u64 = 1_024;

/// For how long a look is waited for: then the books are asked as if nothing were kept.
const WAIT: Duration = Duration::from_secs(1);
/// So many requests wait for no more to join them.
const CROWD: usize = 64;
/// For how long nobody waits after a look that took too long.
const QUIET_MS: u64 = 5_000;

/// Answers by their entity tags, which say whom and what they are for.
pub(crate) struct Answers {
    /// None where no answer is to be kept.
    heads: Option<Heads>,
    kept: Cache<String, Arc<Kept>, Weight>,
    /// Answers that are being made, by their tags; closed when they are made.
    making: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

/// Who holds this makes the answer with a tag: who asks the same waits until it is dropped.
pub(crate) struct Making {
    tag: String,
    all: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

impl Drop for Making {
    fn drop(&mut self) {
        if let Some(made) = self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.tag) {
            made.close();
        }
    }
}

struct Kept {
    head: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

#[derive(Clone)]
struct Weight;

impl Weighter<String, Arc<Kept>> for Weight {
    fn weight(&self, _: &String, kept: &Arc<Kept>) -> u64 {
        let headers: usize = kept.head.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        HEAD_BYTES + u64::try_from(headers + kept.body.len()).unwrap_or(u64::MAX / 2)
    }
}

impl Answers {
    /// Keeps so many bytes of answers to reads of the database at a URL.
    pub(crate) fn new(database: String, patience: Duration, bytes_max: u64) -> Self {
        let expected = usize::try_from(bytes_max / (4 * HEAD_BYTES)).unwrap_or(usize::MAX);
        let heads = (bytes_max > 0).then(|| Heads::start(database, patience));
        Self { heads, kept: Cache::with_weighter(expected, bytes_max, Weight), making: Arc::default() }
    }

    /// A ledger and where its log stands now; none when there is no such ledger, the database does not say, or nothing is kept.
    pub(crate) async fn head(&self, code: &str) -> Option<(Arc<Ledger>, Head)> {
        self.heads.as_ref()?.of(code).await
    }

    /// The answer with a tag.
    pub(crate) fn kept(&self, tag: &str) -> Option<HttpResponse> {
        let kept = self.kept.get(tag)?;
        let mut response = HttpResponse::Ok();
        for (name, value) in &kept.head {
            response.append_header((name, value));
        }
        Some(response.body(Bytes::clone(&kept.body)))
    }

    /// Who asks first makes the answer with a tag; who comes while it is made waits for that, and then looks whether it was
    /// kept. Where it was not, each of them makes it: nobody waits twice.
    pub(crate) async fn making(&self, tag: Option<&str>) -> Option<Making> {
        let tag = tag?.to_owned();
        let others = {
            let mut all = self.making.lock().unwrap_or_else(PoisonError::into_inner);
            match all.entry(tag.clone()) {
                Entry::Occupied(made) => Some(Arc::clone(made.get())),
                Entry::Vacant(place) => {
                    // Without permits: it is only ever closed.
                    place.insert(Arc::new(Semaphore::new(0)));
                    None
                }
            }
        };
        match others {
            None => Some(Making { tag, all: Arc::clone(&self.making) }),
            Some(made) => {
                let _ = made.acquire().await;
                None
            }
        }
    }

    /// Keeps an answer whose body is known, and hands it back.
    pub(crate) fn keep(&self, tag: String, response: HttpResponse) -> HttpResponse {
        let (head, body) = response.into_parts();
        match body.try_into_bytes() {
            Ok(body) => {
                let headers = head.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                self.kept.insert(tag, Arc::new(Kept { head: headers, body: Bytes::clone(&body) }));
                head.set_body(body).map_into_boxed_body()
            }
            Err(body) => head.set_body(body),
        }
    }
}

type Found = Option<(Arc<Ledger>, Head)>;

/// A look that is wanted of where a ledger's log stands, by all requests of one of the server's threads that came before it begins:
/// what each of them cost by itself, they cost together.
struct Wanted {
    /// The look has begun: who comes now wants another one.
    begun: Arc<AtomicBool>,
    /// How many requests joined in.
    joined: Cell<usize>,
    found: OnceCell<Found>,
    over: Notify,
}

thread_local! {
    /// Looks that were wanted last by requests of this thread, by the ledgers' codes.
    static WANTED: RefCell<HashMap<String, Rc<Wanted>>> = RefCell::default();
}

struct Ask {
    code: String,
    begun: Arc<AtomicBool>,
    tell: oneshot::Sender<Found>,
}

/// Looks at where logs stand, with a thread and a connection of its own.
struct Heads {
    asks: mpsc::Sender<Ask>,
    quiet: Arc<Quiet>,
}

/// A look took too long: until it ends, but not for ever, nobody waits for another one.
struct Quiet {
    since: Instant,
    /// Milliseconds after `since`.
    until: AtomicU64,
}

impl Quiet {
    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn is_kept(&self) -> bool {
        self.now() < self.until.load(Ordering::Relaxed)
    }

    fn begin(&self) {
        self.until.store(self.now() + QUIET_MS, Ordering::Relaxed);
    }

    fn end(&self) {
        self.until.store(0, Ordering::Relaxed);
    }
}

impl Heads {
    fn start(database: String, patience: Duration) -> Self {
        let (asks, asked) = mpsc::channel();
        let quiet = Arc::new(Quiet { since: Instant::now(), until: AtomicU64::new(0) });
        let looks = Arc::clone(&quiet);
        thread::spawn(move || look(&database, patience, &asked, &looks));
        Self { asks, quiet }
    }

    async fn of(&self, code: &str) -> Found {
        if self.quiet.is_kept() {
            return None;
        }
        let wanted = WANTED.with_borrow_mut(|all| match all.get(code) {
            Some(wanted) if !wanted.begun.load(Ordering::SeqCst) => Rc::clone(wanted),
            _ => {
                let wanted = self.want(code);
                // A name that is no ledger's is not remembered: anybody can make one up.
                all.retain(|_, wanted| wanted.found.get().is_none_or(Option::is_some));
                all.insert(code.to_owned(), Rc::clone(&wanted));
                wanted
            }
        });
        wanted.joined.set(wanted.joined.get() + 1);
        let over = wanted.over.notified();
        if wanted.found.get().is_none() {
            over.await;
        }
        wanted.found.get().cloned().flatten()
    }

    /// Has a look made as soon as no more requests come in.
    fn want(&self, code: &str) -> Rc<Wanted> {
        let wanted = Rc::new(Wanted { begun: Arc::default(), joined: Cell::new(0), found: OnceCell::new(), over: Notify::new() });
        let (tell, told) = oneshot::channel();
        let ask = Ask { code: code.to_owned(), begun: Arc::clone(&wanted.begun), tell };
        let (asks, quiet, waits) = (self.asks.clone(), Arc::clone(&self.quiet), Rc::clone(&wanted));
        actix_web::rt::spawn(async move {
            let mut before = 0;
            while before < waits.joined.get() && before < CROWD {
                before = waits.joined.get();
                yield_now().await;
            }
            let found = match asks.send(ask) {
                Ok(()) => timeout(WAIT, told).await.unwrap_or_else(|_| {
                    quiet.begin();
                    Ok(None)
                }),
                Err(_) => Ok(None),
            };
            // Who comes after one that took too long does not wait for it either.
            waits.begun.store(true, Ordering::SeqCst);
            let _ = waits.found.set(found.ok().flatten());
            waits.over.notify_waiters();
        });
        wanted
    }
}

fn look(database: &str, patience: Duration, asked: &mpsc::Receiver<Ask>, quiet: &Quiet) {
    let mut open: Option<Store> = None;
    // What a ledger is does not change.
    let mut ledgers: HashMap<String, Arc<Ledger>> = HashMap::new();
    while let Ok(first) = asked.recv() {
        let waiting: Vec<Ask> = iter::once(first).chain(asked.try_iter()).collect();
        // All who join in until here came before the look begins.
        waiting.iter().for_each(|ask| ask.begun.store(true, Ordering::SeqCst));
        let mut heads: HashMap<&str, Found> = HashMap::new();
        for ask in &waiting {
            if !heads.contains_key(ask.code.as_str()) {
                let found = head(&mut open, database, patience, &mut ledgers, &ask.code).unwrap_or_else(|error| {
                    // Whoever asked asks the books themselves, and is told of it there.
                    tracing::debug!(code = error.code(), "a log's head is not known");
                    open = None;
                    None
                });
                heads.insert(&ask.code, found);
            }
        }
        let found: Vec<Found> = waiting.iter().map(|ask| heads.get(ask.code.as_str()).cloned().flatten()).collect();
        for (ask, found) in waiting.into_iter().zip(found) {
            // Nobody may be waiting any more.
            let _ = ask.tell.send(found);
        }
        quiet.end();
    }
}

fn head(open: &mut Option<Store>, database: &str, patience: Duration, ledgers: &mut HashMap<String, Arc<Ledger>>, code: &str) -> Result<Found, StoreError> {
    let store = match open {
        Some(store) => store,
        None => {
            let mut store = Store::open(database)?;
            store.limit_statements(patience)?;
            open.insert(store)
        }
    };
    let ledger = match ledgers.get(code) {
        Some(ledger) => Arc::clone(ledger),
        // PostgreSQL has no text with a NUL in it, so nothing is called by one.
        None if code.contains('\0') => return Ok(None),
        None => match store.ledger(code)? {
            Some(ledger) => Arc::clone(ledgers.entry(code.to_owned()).or_insert(Arc::new(ledger))),
            None => return Ok(None),
        },
    };
    Ok(store.head(ledger.id)?.map(|head| (ledger, head)))
}

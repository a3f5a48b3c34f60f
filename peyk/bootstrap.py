"""Where everything is put together: the one module that knows which adapter stands behind which port."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from peyk.adapters.clock import SystemClock
from peyk.adapters.demo_shop.faults import DemoFaults, FaultGate
from peyk.adapters.demo_shop.outbox import DemoOutbox
from peyk.adapters.demo_shop.progress import DemoProgress
from peyk.adapters.files.cleaner import ChildCleaner
from peyk.adapters.files.disk import DiskBlobs
from peyk.adapters.webhooks import HttpWebhooks, WebhookAddresses
from peyk.bootstrap_helpdesk import make_helpdesks
from peyk.bootstrap_systems import ClosedGate, Outside, make_outside
from peyk.bootstrap_words import code_message
from peyk.channels.rest import as_entry
from peyk.domain.outside import OutsideNote
from peyk.ports import Clock, OrderSource
from peyk.ports.records import Records
from peyk.services import AnswerShipping, Files, HandOff, OpenTicket, RateOrder, Services, TrackOrder, VerifyCustomer
from peyk.services.assess import Rules
from peyk.services.contacts import TagContacts
from peyk.services.follow import FollowOrder
from peyk.services.helpdesks import Helpdesks
from peyk.services.helped import DidItHelp
from peyk.services.mirror_states import DeskStates
from peyk.services.office_hours import OfficeHoursService
from peyk.services.shop_connect import ShopDoors
from peyk.services.sla import Sla
from peyk.services.ticket_desk import Mirror, TicketDesk
from peyk.services.ticket_timers import TicketTimers
from peyk.services.ticket_words import TicketWords
from peyk.services.webhook_delivery import WebhookDelivery
from peyk.services.webhooks import Webhooks
from peyk.settings import Settings
from peyk.settings_helpdesk import HelpdeskKind
from peyk.store.addresses import StoredAddresses
from peyk.store.api_keys import StoredApiKeys
from peyk.store.contacts import StoredContacts
from peyk.store.engine import make_engine
from peyk.store.files import StoredEvidenceTickets, StoredFiles
from peyk.store.handoff import StoredHandoffs, StoredTicks
from peyk.store.helpdesk_links import StoredLinks
from peyk.store.inbox import StoredInbox
from peyk.store.journal import StoredJournal
from peyk.store.office_hours import StoredOfficePlans
from peyk.store.prune import StoreUpkeep
from peyk.store.records import make_records
from peyk.store.rest import StoredRestBook
from peyk.store.staff import StoredStaff
from peyk.store.system_states import StoredSystemStates
from peyk.store.ticket_desk import StoredTickets
from peyk.store.tickets import BuiltinHelpdesk
from peyk.store.webhook_outbox import StoredWebhookOutbox
from peyk.store.webhooks import StoredSubscriptions
from peyk.worker import Job, Worker

HANDOFF_EVERY = timedelta(seconds=15)
TICKETS_EVERY = timedelta(minutes=1)
CODES_EVERY = timedelta(seconds=30)
# How often it is asked whether something is to be read; how often that is so is a setting.
SHOP_EVERY = timedelta(seconds=5)
CRM_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class App:
    """A process's Peyk, wired; `outbox`, `faults` and `progress` are None outside demo mode. Close it at the end."""

    settings: Settings
    engine: Engine
    clock: Clock
    records: Records
    services: Services
    orders: OrderSource
    journal: StoredJournal
    inbox: StoredInbox
    addresses: StoredAddresses
    files: Files
    upkeep: StoreUpkeep
    api_keys: StoredApiKeys
    helpdesks: Helpdesks
    office_hours: OfficeHoursService
    desk: TicketDesk
    ticket_timers: TicketTimers
    did_it_help: DidItHelp
    rest_book: StoredRestBook
    shop_doors: ShopDoors
    webhook_delivery: WebhookDelivery
    outbox: DemoOutbox | None
    faults: DemoFaults | None
    progress: DemoProgress | None
    gate: FaultGate
    contacts: TagContacts
    worker: Worker
    ticks: StoredTicks
    system_states: StoredSystemStates

    @property
    def handoff(self) -> HandOff:
        """The service that gives conversations to people."""
        return self.services.handoff

    @property
    def identity(self) -> VerifyCustomer:
        """The service that proves customers."""
        return self.services.identity

    @property
    def follow(self) -> FollowOrder:
        """The service that tells whether an order has moved."""
        return FollowOrder(self.services.tracking, self.settings)

    def close(self) -> None:
        """Let go of the database and of everything that waits."""
        self.gate.close()
        self.contacts.close()
        self.engine.dispose()


def build(settings: Settings, clock: Clock | None = None) -> App:
    """Wire a process. The database is not touched yet. Raises SettingsError for a database URL that is none."""
    clock = clock or SystemClock()
    engine = make_engine(settings.store_url)
    records = make_records(engine, clock, settings.secret_key.get_secret_value())
    gate = FaultGate(engine) if settings.demo else ClosedGate(engine)
    journal = StoredJournal(engine)
    tickets = _tickets(settings, engine, clock, records, journal)
    files = make_files(settings, engine, clock, records)
    outside = make_outside(settings, engine, clock, gate, records.snapshots, code_message(settings))
    contacts = TagContacts(
        contacts=StoredContacts(engine),
        outbox=StoredWebhookOutbox(engine),
        clock=clock,
        language=settings.default_language,
        crm=outside.crm,
    )
    services = _services(settings, engine, clock, records, outside, tickets, files, contacts)
    return App(
        settings=settings,
        engine=engine,
        clock=clock,
        records=records,
        services=services,
        orders=outside.orders,
        journal=journal,
        inbox=StoredInbox(engine),
        addresses=StoredAddresses(engine),
        files=files,
        upkeep=StoreUpkeep(engine, settings.secret_key.get_secret_value(), timedelta(days=settings.shop_keep_days)),
        api_keys=StoredApiKeys(engine, clock),
        helpdesks=make_helpdesks(
            settings,
            engine,
            clock,
            journal,
            DeskStates(StoredTickets(engine), tickets.desk, settings.helpdesk.value),
            services.handoff,
        ),
        office_hours=tickets.office_hours,
        desk=tickets.desk,
        ticket_timers=tickets.timers,
        did_it_help=tickets.did_it_help,
        rest_book=StoredRestBook(engine),
        webhook_delivery=webhook_delivery(settings, engine, clock),
        outbox=DemoOutbox(engine) if settings.demo else None,
        faults=DemoFaults(engine) if settings.demo else None,
        progress=DemoProgress(engine, clock) if settings.demo else None,
        gate=gate,
        shop_doors=outside.shop.doors if outside.shop else ShopDoors(),
        contacts=contacts,
        worker=Worker(_jobs(services, tickets, outside, contacts), StoredTicks(engine), clock),
        ticks=StoredTicks(engine),
        system_states=StoredSystemStates(engine, clock),
    )


def webhook_delivery(settings: Settings, engine: Engine, clock: Clock) -> WebhookDelivery:
    """Return what tells the shop's servers. Raises SettingsError for a network that is none."""
    rules = WebhookAddresses(settings.webhook_allow, demo=settings.demo)
    sender = HttpWebhooks(rules, settings.webhook_timeout_s)
    return WebhookDelivery(
        webhooks=Webhooks(StoredSubscriptions(engine), sender, rules, clock, settings.secret_key),
        outbox=StoredWebhookOutbox(engine),
        journal=StoredJournal(engine),
        clock=clock,
        render=as_entry,
        dead_after=timedelta(days=settings.webhook_dead_days),
    )


@dataclass(frozen=True)
class _Tickets:
    """What works on tickets, wired."""

    sla: Sla
    office_hours: OfficeHoursService
    desk: TicketDesk
    timers: TicketTimers
    did_it_help: DidItHelp


def _tickets(settings: Settings, engine: Engine, clock: Clock, records: Records, journal: StoredJournal) -> _Tickets:
    tickets, audit = StoredTickets(engine), records.audit
    plans = StoredOfficePlans(engine)
    office_hours = OfficeHoursService(plans=plans, audit=audit, clock=clock, settings=settings)
    sla = Sla(settings, clock, office_hours.current)
    words = TicketWords(journal=journal, tickets=tickets, clock=clock, default_language=settings.default_language)
    return _Tickets(
        sla=sla,
        office_hours=office_hours,
        desk=TicketDesk(
            tickets=tickets, words=words, sla=sla, audit=audit, clock=clock, mirror=_mirror_of(settings, engine, clock)
        ),
        timers=TicketTimers(tickets=tickets, words=words, sla=sla, audit=audit, follow_ups=settings.follow_ups),
        did_it_help=DidItHelp(tickets=tickets, sla=sla, audit=audit, clock=clock),
    )


def _mirror_of(settings: Settings, engine: Engine, clock: Clock) -> Mirror:
    """Return what tells an outside help desk of notes and answers; without one nothing does."""
    if settings.helpdesk is HelpdeskKind.BUILTIN:
        return lambda _number, _key, _text: None
    links = StoredLinks(engine)
    return lambda number, key, text: links.put_note(number, OutsideNote(key, text), clock.now())


def _jobs(services: Services, tickets: _Tickets, outside: Outside, contacts: TagContacts) -> list[Job]:
    jobs = [
        Job("handoff", HANDOFF_EVERY, services.handoff.tick),
        Job("tickets", TICKETS_EVERY, tickets.timers.tick),
    ]
    if outside.codes is not None:
        jobs.append(Job("code_deliveries", CODES_EVERY, outside.codes.tick))
    if outside.shop is not None and outside.shop.sync is not None:
        jobs.append(Job("shop", SHOP_EVERY, outside.shop.sync.turn))
    if outside.crm is not None:
        jobs.append(Job("crm", CRM_EVERY, contacts.tick))
    return jobs


def _services(
    settings: Settings,
    engine: Engine,
    clock: Clock,
    records: Records,
    outside: Outside,
    tickets: _Tickets,
    files: Files,
    contacts: TagContacts,
) -> Services:
    rules = Rules(
        stalled_after=timedelta(hours=settings.stalled_after_h),
        lost_after=timedelta(days=settings.lost_after_days),
    )
    tracking = TrackOrder(
        orders=outside.orders,
        carriers=outside.carriers,
        payments=outside.payments,
        records=records,
        clock=clock,
        settings=settings,
        rules=rules,
        contacts=contacts,
    )
    return Services(
        tracking=tracking,
        identity=VerifyCustomer(messenger=outside.messenger, records=records, clock=clock, settings=settings),
        shipping=AnswerShipping(storefront=outside.storefront, settings=settings, quotes=outside.quotes),
        tickets=OpenTicket(
            helpdesk=BuiltinHelpdesk(engine, clock),
            orders=outside.orders,
            records=records,
            clock=clock,
            settings=settings,
            sla=tickets.sla,
            files=files,
        ),
        feedback=RateOrder(tracking=tracking, records=records, clock=clock),
        handoff=HandOff(
            handoffs=StoredHandoffs(engine),
            journal=StoredJournal(engine),
            desk=StoredStaff(engine),
            hours=tickets.office_hours.current,
            orders=outside.orders,
            tracking=tracking,
            records=records,
            clock=clock,
            settings=settings,
            outside_desk=settings.chatwoot_handoff,
        ),
    )


def make_files(settings: Settings, engine: Engine, clock: Clock, records: Records) -> Files:
    """Return what takes and shows files; nothing is made on disk before the first one."""
    return Files(
        cleaner=ChildCleaner(),
        blobs=DiskBlobs(settings.data_dir / "files"),
        records=StoredFiles(engine),
        tickets=StoredEvidenceTickets(engine),
        limiter=records.limiter,
        clock=clock,
        settings=settings,
    )

#include "tests/support/misbehaving/run.hpp"

#include "tests/support/misbehaving/world.hpp"

namespace strata::test {

using namespace scene;  // NOLINT(google-build-using-namespace): figures

Run::Run(const Misbehaviour& misbehaviour) : misbehaviour_(misbehaviour), entropy_(misbehaviour.seed) {
    connection_options_ = {.send_buffer_max = buffer_max,
                           .receive_buffer_max = buffer_max,
                           .user_timeout = user_timeout,
                           .keepalive = true,
                           .keepalive_idle = 5s,
                           .keepalive_interval = 2s,
                           .keepalive_probes = 3,
                           .fin_wait_2 = 20s,
                           .orphan_timeout = orphan_timeout};
    memory_max_ = entropy_.chance(0.5) ? 64u << 20 : 768u << 10;
    physical::CableOptions cable;
    cable.a_to_b = {.bits_per_second = bits_per_second, .delay = delay, .queue_frames_max = queue_frames};
    cable.a_to_b.loss = entropy_.chance(0.5) ? 0.005 : 0;
    cable.b_to_a = {.delay = delay};
    const Context context{runtime_.scheduler(), entropy_, pool_};
    cable_.emplace(context, cable);
    digest_.emplace(cable_->a(), runtime_.scheduler());
    witness_.emplace(*digest_, runtime_.scheduler(), peer_station.address, findings_);
    branches_.emplace(cable_->b());
    peer_.emplace(context, branches_->add(peer_station.mac), peer_station, host_station, entropy_.next());

    host::HostOptions options;
    options.tcp.check_invariants = true;
    options.trace = &*witness_;
    options.tcp.memory_max = memory_max_;
    options.tcp.maximum_segment_lifetime = rest / 2;
    host_.emplace(runtime_.io().get_executor(), runtime_.scheduler(), entropy_, options);
    neighbour_.emplace(runtime_.io().get_executor(), runtime_.scheduler(), entropy_);
    host::InterfaceOptions interface;
    interface.mac = host_station.mac;
    require(!host_->add_interface(*witness_, {host_station.address, 24}, interface), "the host has an interface");
    interface.mac = neighbour_station.mac;
    require(
        !neighbour_->add_interface(branches_->add(neighbour_station.mac), {neighbour_station.address, 24}, interface),
        "the neighbour has an interface");
}

// ------------------------------------------------------------------------------------------------ what happens

MisbehaviourOutcome Run::run() {
    open();
    misbehave();
    recover();
    leave();
    return {.findings = std::move(findings_), .digest = digest_->value()};
}

void Run::acceptable() {
    while (transport::tcp::Connection* connection = for_peer_->accept())
        applications_.at(number_of(connection->remote().port) - first_peer_port).begin(connection);
    while (transport::tcp::Connection* connection = for_neighbour_->accept())
        applications_.at(conversations + number_of(connection->remote().port) - neighbour_port).begin(connection);
}

void Run::open() {
    for_peer_ = std::move(*stack().listen({{}, peer_service}, {.connection = connection_options_}));
    for_neighbour_ = std::move(*stack().listen({{}, neighbour_service}, {.connection = connection_options_}));
    for_peer_->set_user(this);
    for_neighbour_->set_user(this);
    for (unsigned number = 0; number < conversations; ++number) {
        const auto role = static_cast<Role>(number % 3);
        witness_->expect(number, role);
        Application& application = add_application("conversation " + std::to_string(number), stack(),
                                                   {.out_stream = host_stream(number, role),
                                                    .in_stream = peer_stream(number),
                                                    .writes = role == Role::download,
                                                    .echoes = role == Role::echo});
        const PortNumber port{static_cast<std::uint16_t>(first_peer_port + number)};
        const bool host_opens = number >= conversations / 2;
        Conversation& conversation = peer_->add(role, port, host_opens ? PortNumber{} : peer_service);
        if (!host_opens) {
            conversation.open();
            continue;
        }
        const Endpoint there{peer_station.address, port};
        transport::tcp::Connection* opened = *stack().connect(there, &application, connection_options_);
        application.begin(opened);
    }
    constexpr unsigned first = 2 * conversations_max;  // streams of its own
    for (unsigned number = 0; number < neighbours; ++number)
        (void)add_application("the host, for the neighbour", stack(),
                              {.out_stream = first, .in_stream = first + 1, .writes = number == 0});
    for (unsigned number = 0; number < neighbours; ++number) {
        Application& application =
            add_application(number == 0 ? "the neighbour's download" : "the neighbour's upload", neighbour_->tcp(),
                            {.out_stream = first + 1, .in_stream = first, .writes = number == 1});
        const Endpoint own{neighbour_station.address, PortNumber{static_cast<std::uint16_t>(neighbour_port + number)}};
        application.begin(*neighbour_->tcp().connect({host_station.address, neighbour_service}, &application,
                                                     connection_options_, own));
    }
    pass(1s);
    for (Conversation& conversation : peer_->conversations())
        require(conversation.opened(), "conversation " + std::to_string(conversation.number()) + " did not open");
}

void Run::misbehave() {
    for (Application& application : applications_) application.forget_silence();
    if (misbehaviour_.habit) {
        for (Conversation& conversation : peer_->conversations()) conversation.set_habit(*misbehaviour_.habit);
    } else {
        peer_->begin_mix();
    }
    const std::vector<Progress> before = progress();
    pass(misbehaviour_.lasts);
    check_progress(before);
}

void Run::recover() {
    const Instant began = runtime_.now();
    peer_->finish();
    for (Application& application : applications_) application.stop();
    const Duration takes = recovery_takes();
    const std::uint64_t timeouts = stack().counters().retransmissionTimeouts;
    const auto limit = [&] {
        const auto lost = static_cast<std::int64_t>(stack().counters().retransmissionTimeouts - timeouts);
        return began + margin * (takes + lost * rto_max);
    };
    while (!recovered() && runtime_.now() < limit()) pass(50ms);
    for (const Conversation& conversation : peer_->conversations()) check_ends(conversation);
}

void Run::leave() {
    pass(user_timeout + orphan_timeout + rest + 10s);
    for (const Conversation& conversation : peer_->conversations()) {
        const Application& application = applications_.at(conversation.number());
        require(application.over(), application.name() + " never learned of its end");
        // Who vanished when both had closed is not missed.
        if (conversation.vanished() && application.error())
            require(application.error() == Error::timed_out, application.name() + ": " + application.error().message());
    }
    const transport::tcp::Tcp& tcp = stack();
    require(tcp.connections() == 0, std::to_string(tcp.connections()) + " connections are left");
    require(tcp.resting() == 0, std::to_string(tcp.resting()) + " rest in TIME-WAIT for ever");
    require(tcp.orphans() == 0, "orphans are left");
    require(tcp.memory_used() == 0, std::to_string(tcp.memory_used()) + " bytes are held for nobody");
    require(tcp.counters().tcpCurrEstab == 0, "tcpCurrEstab does not come back to 0");
    require(host_->pool().blocks_in_use() == 0, std::to_string(host_->pool().blocks_in_use()) + " blocks are in use");
    const std::uint64_t frames = cable_->a_to_b().counters().cableFrames;
    pass(5min);
    require(cable_->a_to_b().counters().cableFrames == frames, "the host keeps sending, to nobody");
}

void Run::pass(Duration duration) {
    constexpr Duration step = 50ms;
    for (Duration passed{}; passed < duration; passed += step) {
        runtime_.run_for(std::min(step, duration - passed));
        check_always();
    }
}

MisbehaviourOutcome run_misbehaviour(const Misbehaviour& misbehaviour) { return Run(misbehaviour).run(); }

}  // namespace strata::test

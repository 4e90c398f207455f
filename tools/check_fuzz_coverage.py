#!/usr/bin/env python3
"""The committed corpus of host_fuzz reaches every folder of the stack.

Builds host_fuzz with gcov (preset coverage), replays fuzz/corpus/host_fuzz/ and fails, with the name, when
  - one of the functions in FOLDERS was not called,
  - a name in FOLDERS fits no function any more: it was renamed or removed, and the list must follow,
  - a folder of TCP has no name in FOLDERS,
  - a counter of the host was not counted, unless NOT_COUNTED says why.
Then a fuzzer that starts from the corpus no longer gets that deep: mend the scripts
(fuzz/support/host_fuzz/make_seeds.py).

    tools/check_fuzz_coverage.py              build, replay, check
    tools/check_fuzz_coverage.py --list       the same, with all their functions and how often each was called
    tools/check_fuzz_coverage.py --self-test
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "coverage"
# Whose objects gcov reads: a function that several of them have is linked, and counted, in one of them.
OBJECTS = ("fuzz_host_fuzz", "strata_host", "strata_session", "strata_transport", "strata_network", "strata_link")
TCP = "strata/4_transport/tcp"

# A folder, and functions that its sources and headers define: as Class::function, or by name alone outside of classes.
FOLDERS = {
    "strata/2_link/arp": """
        Arp::deliver Arp::solicit Arp::confirm Arp::request_arrived Arp::reply_arrived Arp::asker_for Arp::conflict
        Arp::announcements_due Arp::remove_address Arp::link_changed ArpPacket::parse""",
    "strata/2_link/neighbors": """
        NeighborCache::find NeighborCache::wait_for NeighborCache::create NeighborCache::create_for_stranger
        NeighborCache::erase NeighborCache::used_while_stale NeighborCache::drop_oldest_waiting
        NeighborCache::begin_resolution NeighborCache::timer_fired NeighborCache::fail NeighborCache::forget_all
        NeighborCache::heard NeighborCache::answered NeighborCache::merge NeighborCache::contest
        NeighborCache::rival_due NeighborCache::confirm NeighborCache::learned NeighborCache::release_waiting""",
    "strata/2_link": """
        Nic::send_frame Nic::send_cut Nic::enqueue Nic::dequeue Nic::flush_queue Nic::port_writable Nic::set_enabled
        Nic::link_is Nic::join Nic::leave Nic::wants Nic::not_for_us Nic::control_arrived Nic::taker_of_others
        Nic::untagged_arrived Nic::send_pause Nic::pause_ended EthernetInterface::tell_link
        EthernetInterface::unresolved EthernetInterface::reachable_again EthernetInterface::address_conflict
        FlowControl::obey FlowControl::settle FlowControl::resume FlowControl::link_changed FlowControl::set_congested
        FlowControl::ask_again FlowControl::send_waiting
        VlanTable::deliver VlanTable::burst_ended VlanTable::link_changed VlanInterface::send_frame
        VlanInterface::deliver VlanInterface::set_enabled VlanInterface::link_changed
        cut_super_frame verify_and_remove_frame_check append_frame_check""",
    "strata/3_network/groups": """
        Groups::listen Groups::fits Groups::filter_of Reporter::changed Reporter::note_change Reporter::tell_change
        Reporter::collect_change Reporter::report Reporter::due Igmp::send reports_of
        Igmp::start_querier Igmp::stop_querier Igmp::told Igmp::v3_report_arrived Igmp::leave_arrived
        Igmp::send_message Querier::record_arrived Querier::apply Querier::include Querier::exclude Querier::ask_group
        Querier::ask_sources Querier::send_group_queries Querier::send_general Querier::due Querier::expire""",
    "strata/3_network/icmp": """
        Icmp::answer_timestamp Icmp::redirected
        Icmp::answer_echo options_for_reply Icmp::echo_replied Icmp::error_arrived Icmp::echo_failed Icmp::error
        Icmp::send_error Icmp::not_reported Icmp::may_be_answered Icmp::send_echo_request Echo::open Echo::replied
        Echo::failed EchoClient::send ErrorRate::allow error_kind error_header""",
    "strata/3_network/ipv4": """
        Ipv4::arrived Ipv4::take_header Ipv4::options_allowed Ipv4::source_is_possible Ipv4::audience_of
        Ipv4::demultiplex Ipv4::fragment_arrived Ipv4::timed_out Ipv4::send_fragments make_whole
        Ipv4::arrived_from_ourselves Ipv4::next_identification Ipv4::not_sent Ipv4::undelivered Ipv4::unreported
        HeaderOptions::parse echoed_options record_address record_time failed_ipv4_packet""",
    "strata/3_network/fragmentation": """
        Reassembly::add Reassembly::is_possible Reassembly::create Reassembly::keep_within_bounds Reassembly::take
        Reassembly::complete Reassembly::abandon Reassembly::make_room Reassembly::erase Reassembly::expire
        PartialDatagram::add PartialDatagram::end_agrees PartialDatagram::keep PartialDatagram::ecn
        PartialDatagram::take_first PartialDatagram::take_whole for_each_fragment""",
    "strata/3_network/interfaces": """
        Interfaces::add_address Interfaces::remove_address Interfaces::listen
        Loopback::turn_round Loopback::report_later Loopback::due""",
    "strata/3_network/routing": """
        DestinationCache::find DestinationCache::mtu_reported DestinationCache::learn
        Paths::to Paths::to_ourselves Paths::through Paths::broadcast_interface Paths::best_route choose_source""",
    "strata/3_network": """
        Internet::add_address Internet::remove_address Internet::set_interface_up Internet::refresh Internet::send
        Internet::transmit Internet::confirm_reachable Internet::looped_back Internet::refuse
        Internet::undeliverable
        Internet::report Internet::undelivered Internet::report_undelivered Internet::writable Internet::reachable_again
        Attachment::deliver Attachment::unreachable Attachment::link_changed Attachment::address_conflict""",
    "strata/4_transport": """
        Udp::open Udp::in_use Udp::choose_port Udp::best_match Udp::checksum_verified Udp::fill_in_checksum Udp::error
        checksum_verified set_checksum
        UdpSocket::connect UdpSocket::send_to UdpSocket::make_datagram UdpSocket::queue UdpSocket::failed
        UdpSocket::receive""",
    "strata/4_transport/tcp": """
        Tcp::connect Tcp::use_of Tcp::choose_port Tcp::listen Tcp::accepted Tcp::stopped_listening Tcp::release
        Tcp::port_full Tcp::leave_port_queue Tcp::may_send Tcp::opened Tcp::ended Tcp::orphaned Tcp::drop_orphan
        Tcp::settle Tcp::may_challenge Entry::timer_fired
        Tcp::flush_merged Tcp::dispatch Tcp::may_open Tcp::in_time_wait Tcp::in_syn_queue Tcp::open_half
        Tcp::open_wholly
        Tcp::emit_syn_ack Tcp::acknowledge_half_open Tcp::syn_acks_due Tcp::answer_closed Tcp::reply Tcp::error
        Tcp::writable Tcp::serve_port_queue Tcp::send_waiting_syn_ack Tcp::reachable_again""",
    "strata/4_transport/tcp/congestion": """
        Cubic::acknowledged Cubic::start_epoch Cubic::cubic_window Cubic::reduce Cubic::loss_detected Cubic::timed_out
        Cubic::idle
        Reno::acknowledged Reno::loss_detected Reno::timed_out Reno::idle CongestionWindow::slow_start
        CongestionWindow::restart CongestionWindow::collapse HyStart::acknowledged HyStart::growth""",
    "strata/4_transport/tcp/connection": """
        Connection::open_actively Connection::open_passively Connection::segment_arrives Connection::answer_out_of_order
        Connection::carry_out Connection::end Connection::transmit Connection::sent_payload
        Connection::arm_after_transmit
        Connection::account Connection::notify Connection::network_error Connection::reachable_again
        Connection::window_field Connection::emit Connection::emit_syn Connection::emit_acknowledgment
        Connection::emit_keepalive Connection::emit_reset
        Connection::deadline_reached Connection::retransmission_timeout Connection::persist_timeout
        Connection::restart_keepalive Connection::keepalive_timeout
        Connection::write Connection::read Connection::close Connection::abort Connection::release
        Connection::send_limit
        Connection::set_no_delay Connection::set_keepalive MemoryBudget::pressed MemoryBudget::exhausted
        next_departure departure_for congestion_room within_window window_probe new_payload departure_length_max""",
    "strata/4_transport/tcp/control_block": """
        ControlBlock::update_mss ControlBlock::negotiate ControlBlock::syn_was_answered StateVariable::enter
        broken_invariant""",
    "strata/4_transport/tcp/demultiplexer": """
        Coalescer::merge Coalescer::hold
        TimeWaitTable::add TimeWaitTable::find TimeWaitTable::erase TimeWaitTable::restart TimeWaitTable::expire
        segment_arrives_in_time_wait is_newer initial_sequence_after""",
    "strata/4_transport/tcp/listener": """
        Listener::accept Listener::established Listener::notify""",
    "strata/4_transport/tcp/half_open": """
        HalfOpen::of HalfOpen::as_syn SynQueue::add SynQueue::erase SynQueue::due SynQueue::wait_after
        SynQueue::wait_for_port SynQueue::has_left""",
    "strata/4_transport/tcp/receive": """
        Reassembly::insert Reassembly::keep_fresh Reassembly::keep Reassembly::copy_into_pages Reassembly::put_into_page
        Reassembly::join_neighbours Reassembly::range_of Reassembly::remember Reassembly::sack_blocks Reassembly::take
        Reassembly::clear ReceiveBuffer::append ReceiveBuffer::read ReceiveBuffer::clear
        DelayedAck::payload_arrived next_window_edge window_field_of worth_an_update""",
    "strata/4_transport/tcp/recovery": """
        FastRecovery::acknowledged FastRecovery::begin FastRecovery::timed_out FastRecovery::window_reopened
        FastRecovery::next_repeat FastRecovery::next_guess FastRecovery::repeated
        Scoreboard::update Scoreboard::insert Scoreboard::acknowledged Scoreboard::is_lost Scoreboard::mark_lost
        Scoreboard::first_hole Scoreboard::next_lost Scoreboard::next_unsacked Scoreboard::sacked_within
        Scoreboard::pipe Scoreboard::duplicate_acknowledgment Scoreboard::forget_sacked
        RttEstimator::sample RttEstimator::back_off RttEstimator::arrived_first_time RttEstimator::syn_was_lost
        RttEstimator::forget_backoff RttProbe::acknowledged RepeatMark::repeated RepeatMark::makes_ambiguous""",
    "strata/4_transport/tcp/segment": """
        HeaderView::of SegmentOptions::parse parse_one SegmentOptions::write HeaderFields::write""",
    "strata/4_transport/tcp/segment_arrives": """
        closed listen syn_sent syn_received check_sequence outdated tells_time take_off_repeated_syn trim_to_window
        check_reset check_syn check_acknowledgment update_window is_duplicate echoed take_rtt_sample advance
        close_progress enter_established check_urgent process_text deliver segments_in check_fin""",
    "strata/4_transport/tcp/send": """
        SendBuffer::write SendBuffer::append_to SendBuffer::seek SendBuffer::acknowledge SendBuffer::clear
        may_wait sendable SendSequenceSpace::probed_to SendSequenceSpace::acceptable""",
    "strata/4_transport/tcp/timers": """
        Deadlines::start Deadlines::stop Deadlines::reached Deadlines::next Deadlines::stop_all""",
}

# Counters that no input of the corpus reaches, and why.
NOT_COUNTED = {
    "ipReasmTooLong": "64 KiB are more than the fuzzed host's bounds allow: reassembly_test does it",
    "ifOutErrors": "the floors above keep to the MTU, and cut only what can be cut",
    "igmpOutOverflows": "the fuzzed host joins fewer groups than may have something to tell",
    "ipInUnwanted": "the fuzzed host joins its groups from any source",
    "ipInDiscards": "no bound of ours drops what arrives on floor 3 yet",
    "ipOutNoRoutes": "who sends has refreshed its path just before",
    "arpInProbeConflicts": "the fuzzed host does not probe: arp_fuzz does",
    "arpOutProbes": "the same",
    "arpAddressesLost": "the fuzzed host keeps its addresses: arp_fuzz gives up",
    "arpInProxyRefused": "the fuzzed host stands in for nobody: arp_fuzz does",
    "arpOutProxied": "the same",
    "neighborStaticDenied": "the fuzzed host has no static entries: arp_fuzz has",
    "udpUnwanted": "the fuzzed host's sockets get their peer before anything waits in them",
}

GAUGES = ("tcpCurrEstab",)


def name_of(demangled):
    """strata::tcp::Reassembly::take of "int strata::tcp::Reassembly::take<F>(F&&) const"; nothing for a lambda."""
    text = demangled.replace("(anonymous namespace)::", "").replace("[abi:cxx11]", "").removesuffix(" const")
    for brackets in (r"<[^<>]*>", r"\([^()]*\)"):
        while (shorter := re.sub(brackets, "", text)) != text:
            text = shorter
    return None if "{lambda" in text or not text else text.split()[-1]


def folder_of(path, listed):
    """The folder that a file is in, the innermost of those listed."""
    inside = [folder for folder in listed if path.startswith(folder + "/")]
    return max(inside, key=len, default=None)


def called(listed, functions):
    """{folder: {name: calls}} of (file, demangled name, calls), summed over the objects that have the function."""
    found = {folder: {} for folder in listed}
    for path, demangled, calls in functions:
        folder = folder_of(path, listed)
        name = name_of(demangled)
        if folder is not None and name is not None:
            found[folder][name] = found[folder].get(name, 0) + calls
    return found


def missing_functions(listed, found):
    faults = []
    for folder, names in listed.items():
        for name in names.split():
            fits = [calls for full, calls in found[folder].items() if full == name or full.endswith("::" + name)]
            if not fits:
                faults.append(f"{folder}: there is no function {name} (renamed? then rename it in FOLDERS)")
            elif not any(fits):
                faults.append(f"{folder}: the corpus does not reach {name}")
    return faults


def folders_without_names(listed, folders):
    return [f"{folder}: a folder without a name in FOLDERS" for folder in folders if not listed.get(folder, "").split()]


def missing_counters(counters, excused):
    faults = [f"the corpus does not reach the counter {name}"
              for name, value in sorted(counters.items()) if value == 0 and name not in excused and name not in GAUGES]
    for name in sorted(excused):
        if name not in counters:
            faults.append(f"NOT_COUNTED: there is no counter {name}")
        elif counters[name] > 0:
            faults.append(f"NOT_COUNTED: the corpus reaches the counter {name} now")
    return faults


def gcov(objects, root):
    """(file below root, demangled name, calls) of every function in the objects (.gcno)."""
    if not objects:
        return
    # --relative-only leaves out what does not lie below the prefix: the standard library.
    command = ["gcov", "--json-format", "--stdout", "--relative-only", "--source-prefix", str(root)]
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
            [*command, *map(str, objects)], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        for line in process.stdout:
            if not line.startswith(b"{"):
                continue
            for file in json.loads(line)["files"]:
                path = file["file"].removeprefix(str(root) + "/")
                for function in file["functions"]:
                    yield path, function["demangled_name"], function["execution_count"]
    if process.returncode != 0:
        sys.exit(f"fuzz coverage: gcov failed with {process.returncode}")


def read_counters(text):
    return {name: int(value) for name, value in (line.split() for line in text.splitlines())}


def run(*command, **more):
    subprocess.run(command, cwd=ROOT, check=True, **more)


def replay():
    jobs = os.environ.get("JOBS", "2")
    if not (BUILD / "build.ninja").exists():
        run("cmake", "--preset", "coverage", "-DSTRATA_TOGETHER=ON", stdout=subprocess.DEVNULL)
    run("cmake", "--build", str(BUILD), "-j", jobs, "--target", "fuzz_host_fuzz")
    for old in BUILD.rglob("*.gcda"):
        old.unlink()
    sums = BUILD / "host_fuzz_counters.txt"
    run(str(BUILD / "fuzz" / "fuzz_host_fuzz"), "fuzz/corpus/host_fuzz",
        env={**os.environ, "HOST_FUZZ_COUNTERS": str(sums)})
    return read_counters(sums.read_text())


def check(show_all):
    counters = replay()
    objects = [path for part in OBJECTS for path in sorted((BUILD / "CMakeFiles" / f"{part}.dir").rglob("*.gcno"))]
    found = called(FOLDERS, gcov(objects, ROOT))
    if show_all:
        for folder, names in found.items():
            for name, calls in sorted(names.items()):
                print(f"{calls:12} {folder}: {name}")
        for name, value in sorted(counters.items()):
            print(f"{value:12} counter {name}")
    folders = sorted({str(path.parent.relative_to(ROOT)) for path in (ROOT / TCP).rglob("*.[ch]pp")})
    faults = (folders_without_names(FOLDERS, folders) + missing_functions(FOLDERS, found)
              + missing_counters(counters, NOT_COUNTED))
    for fault in faults:
        print(f"fuzz coverage: {fault}")
    if not faults:
        count = sum(len(names.split()) for names in FOLDERS.values())
        print(f"fuzz coverage: the corpus reaches {count} functions of {len(FOLDERS)} folders, "
              f"{len(counters) - len(NOT_COUNTED)} counters")
    return 1 if faults else 0


SAMPLE = """
namespace strata {
namespace { int hidden(int a) { return a + 1; } }
struct Part { static int entered(int a) { return hidden(a); } static int shut(int a); \
template <class T> static T any(T a) { return a; } };
int Part::shut(int a) { auto inside = [](int b) { return b; }; return inside(a); }
}
int main(int count, char**) { return count > 9 ? strata::Part::shut(1) : strata::Part::any(strata::Part::entered(-1)); }
"""


def self_test():
    assert (name_of("int strata::Part::take<f(int)::{lambda(a::B)#1}>(f(int)::{lambda(a::B)#1}&&) const")
            == "strata::Part::take")
    assert name_of("strata::Part::take(int)::{lambda(a::B)#1}::operator()(a::B) const") is None
    assert name_of("std::optional<a::B<int> > strata::Part::take<int>(int) const") == "strata::Part::take"
    assert name_of("strata::(anonymous namespace)::page_of(strata::X)") == "strata::page_of"
    assert folder_of("strata/a/b/x.cpp", ["strata/a", "strata/a/b"]) == "strata/a/b"

    # Real objects: what was called is known from what was not, and both from what does not exist.
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve()
        source = root / "strata" / "folder" / "sample.cpp"
        source.parent.mkdir(parents=True)
        source.write_text(SAMPLE)
        compiler = os.environ.get("CXX", "g++")
        subprocess.run([compiler, "--coverage", "-O0", "-c", str(source), "-o", str(root / "sample.o")], cwd=root,
                       check=True)
        subprocess.run([compiler, "--coverage", str(root / "sample.o"), "-o", str(root / "sample")], cwd=root,
                       check=True)
        subprocess.run([str(root / "sample")], cwd=root, check=True)
        functions = list(gcov([root / "sample.gcno"], root))

    def faults_with(names):
        listed = {"strata/folder": names}
        return missing_functions(listed, called(listed, functions))

    assert faults_with("Part::entered hidden Part::any") == [], faults_with("Part::entered hidden Part::any")
    assert (faults_with("Part::shut") == ["strata/folder: the corpus does not reach Part::shut"]), \
        faults_with("Part::shut")
    assert len(faults_with("Part::renamed")) == 1 and "no function Part::renamed" in faults_with("Part::renamed")[0]
    assert len(faults_with("tered")) == 1, "a part of a name is not the name"
    assert folders_without_names({"a": "x", "b": " "}, ["a", "b", "c"]) == [
        "b: a folder without a name in FOLDERS", "c: a folder without a name in FOLDERS"]

    assert missing_counters({"a": 1, "tcpCurrEstab": 0}, {}) == []
    assert missing_counters({"a": 0, "b": 0}, {"b": "why"}) == ["the corpus does not reach the counter a"]
    assert missing_counters({"a": 1}, {"a": "why"}) == ["NOT_COUNTED: the corpus reaches the counter a now"]
    assert missing_counters({}, {"a": "why"}) == ["NOT_COUNTED: there is no counter a"]
    assert read_counters("a 1\nb 20\n") == {"a": 1, "b": 20}
    print("fuzz coverage: the check itself is well")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print all functions and counters")
    parser.add_argument("--self-test", action="store_true", help="test the check itself")
    arguments = parser.parse_args()
    return self_test() if arguments.self_test else check(arguments.list)


if __name__ == "__main__":
    sys.exit(main())

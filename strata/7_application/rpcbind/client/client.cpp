#include "strata/7_application/rpcbind/client/client.hpp"

#include "strata/5_session/rpc/client/stream_client.hpp"
#include "strata/6_presentation/xdr/rpc_form.hpp"
#include "strata/7_application/rpcbind/universal_address.hpp"

namespace strata::application::rpcbind {
namespace {

namespace rpc = session::rpc;
namespace xdr = presentation::xdr;
using session::asio::awaitable;

awaitable<bool> tell(rpc::Client& client, std::uint32_t procedure, Registration registration) {
    const rpc::Target target{program_number, 4, procedure};
    const std::string address = universal_address(registration.address);
    const Binding binding{registration.program, registration.version, registration.netid(), std::string_view(address),
                          std::string_view(registration.owner)};
    const xdr::Called<bool> called = co_await xdr::call<bool>(client, target, binding);
    co_return called.value;
}

}  // namespace

awaitable<std::uint16_t> port_of(rpc::Client& client, std::uint32_t program, std::uint32_t version,
                                 std::uint32_t protocol) {
    const rpc::Target target{program_number, 2, Procedure::get_port};
    const Mapping mapping{program, version, protocol, 0};
    const xdr::Called<std::uint32_t> called = co_await xdr::call<std::uint32_t>(client, target, mapping);
    if (called.value > 65535) throw boost::system::system_error(rpc::Errc::bad_reply);
    co_return static_cast<std::uint16_t>(called.value);
}

awaitable<std::string> address_of(rpc::Client& client, std::uint32_t program, std::uint32_t version,
                                  std::string netid) {
    const rpc::Target target{program_number, 4, Procedure::get_port};
    const Binding binding{program, version, std::string_view(netid), {}, {}};
    const xdr::Called<UniversalAddress> called = co_await xdr::call<UniversalAddress>(client, target, binding);
    co_return std::string(called.value);
}

awaitable<std::vector<Mapping>> mappings_of(rpc::Client& client) {
    const rpc::Target target{program_number, 2, Procedure::dump};
    const xdr::Void nothing;
    const xdr::Called<Mappings> called = co_await xdr::call<Mappings>(client, target, nothing);
    co_return called.value;
}

awaitable<bool> announce(rpc::Client& client, Registration registration) {
    return tell(client, Procedure::set, std::move(registration));
}

awaitable<bool> withdraw(rpc::Client& client, Registration registration) {
    return tell(client, Procedure::unset, std::move(registration));
}

std::unique_ptr<rpc::Client> local_client(session::Network& network, const std::string& path) {
    return std::make_unique<rpc::StreamClient>(network, session::Address(session::UnixPath{path}));
}

}  // namespace strata::application::rpcbind

// SETCLIENTID, SETCLIENTID_CONFIRM, RENEW, DELEGPURGE, DELEGRETURN (RFC 7530 16.5, 16.6, 16.28,
// 16.33, 16.34). Nobody is called back, and nothing is delegated.
#include "strata/0_foundation/counted_as.hpp"
#include "strata/7_application/nfs/v4/ops/ops.hpp"

namespace strata::application::nfs::v4::ops {
namespace {

IpAddress counted_for(const Work& work) {
    const auto& behind = work.shared.options.rpc.client_behind;
    const session::Address& remote = work.call.client;
    const session::Address client = behind ? behind(remote) : remote;
    return client.is_unix() ? IpAddress{} : counted_as(client.endpoint().address);
}

}  // namespace

void setclientid(Work& work, const SetclientidArguments& arguments, SetclientidResults& results) {
    work.state.clients.set(arguments, work.principal(), counted_for(work), work.state.now(), results);
}

void setclientid_confirm(Work& work, const SetclientidConfirmArguments& arguments, Ended& results) {
    results.status = work.state.clients.confirm(arguments, work.principal(), work.state.now());
}

void renew(Work& work, const ClientArguments& arguments, Ended& results) {
    const auto client = work.state.clients.find(arguments.client);
    results.status = client ? Status4::ok : client.error();
    if (client) work.state.clients.renew(**client, work.state.now());
}

void delegpurge(Work& /*work*/, const ClientArguments& /*arguments*/, Ended& results) {
    results.status = Status4::notsupp;
}

void delegreturn(Work& work, const StateArguments& arguments, Ended& results) {
    const auto found = work.state.find(arguments.state);
    results.status = found ? Status4::bad_stateid : found.error();
}

}  // namespace strata::application::nfs::v4::ops

#include "strata/7_application/tftp/client/remote/remote.hpp"

namespace strata::application::tftp {

using session::asio::awaitable;

namespace {

class InputReading final : public Reading {
public:
    // The file, which has a size, outlives it.
    explicit InputReading(const InputFile& in) : in_(in) {}
    [[nodiscard]] std::uint64_t size() const noexcept override { return *in_.size(); }
    [[nodiscard]] std::expected<std::size_t, std::error_code> read(std::uint64_t offset,
                                                                   MutableBytes buffer) const override {
        return in_.read_at(offset, buffer);
    }

private:
    const InputFile& in_;
};

}  // namespace

std::expected<NameInUrl, std::string> name_in(std::string_view target) {
    constexpr std::string_view parameter = ";mode=";
    NameInUrl found;
    if (const std::size_t place = target.rfind(parameter); place != std::string_view::npos) {
        found.mode = mode_of(target.substr(place + parameter.size()));
        if (!found.mode) return std::unexpected("its mode is not known here; write ;mode=octet or ;mode=netascii");
        target = target.substr(0, place);
    }
    auto name = http::percent_decode(target.starts_with('/') ? target.substr(1) : target);
    if (!name) return std::unexpected("a '%' in it is not followed by two hexadecimal digits; write it as %25");
    if (name->empty()) return std::unexpected("it names no file; write tftp://HOST[:PORT]/NAME");
    found.name = std::move(*name);
    return found;
}

TftpRemote::Job TftpRemote::job_for(std::string target, std::string_view verb) const {
    const Url url = url_of(std::move(target));
    const std::string cannot = "cannot " + std::string(verb) + " " + url.to_string() + ": ";
    auto found = name_in(url.target);
    if (!found) throw TransferError(cannot + found.error());
    if (options_.client.rate_limit != 0)
        throw NotSupported(cannot +
                           "a rate cannot be kept to with TFTP, whose peers repeat what is not taken; leave "
                           "--limit-rate out");
    Job job{{url.host, url.port, std::move(found->name)}, options_.tftp};
    if (found->mode) job.options.mode = *found->mode;
    return job;
}

awaitable<void> TftpRemote::read(std::string target, OutputFile& out, Progress on_progress) {
    Job job = job_for(std::move(target), "fetch");
    if (on_progress) on_progress(0, std::nullopt);
    co_await get(network_, std::move(job.file), out, std::move(on_progress), job.options);
}

awaitable<void> TftpRemote::write(std::string target, InputFile& in, WriteOptions, Progress on_progress) {
    Job job = job_for(std::move(target), "put");
    in.restart();
    co_await in.make_seekable(network_);
    if (on_progress) on_progress(0, in.size());
    std::shared_ptr<const Reading> from = std::make_shared<InputReading>(in);
    co_await put(network_, std::move(job.file), std::move(from), std::move(on_progress), job.options);
}

}  // namespace strata::application::tftp

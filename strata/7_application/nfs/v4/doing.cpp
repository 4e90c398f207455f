#include "strata/7_application/nfs/v4/doing.hpp"

namespace strata::application::nfs::v4 {
namespace {

template <typename Arguments, typename Results>
class DoingOf final : public Doing {
public:
    using Operation = void (*)(Work&, const Arguments&, Results&);
    explicit DoingOf(Operation operation) : operation_(operation) {}

    Status4 run(Work& work, Status4 found) override {
        const auto arguments = xdr::decode<Arguments>(work.arguments);
        results_.status = arguments ? found : Status4::badxdr;
        if (results_.status == Status4::ok) operation_(work, *arguments, results_);
        return results_.status;
    }
    void fail(Status4 status) override {
        results_ = {};
        results_.status = status;
    }
    void write(xdr::Writer& out) const override { out(results_); }

private:
    Operation operation_;
    Results results_{};
};

template <typename Arguments, typename Results>
std::unique_ptr<Doing> make_doing(void (*operation)(Work&, const Arguments&, Results&)) {
    return std::make_unique<DoingOf<Arguments, Results>>(operation);
}

}  // namespace

std::unique_ptr<Doing> doing_of(Op op) {
    const auto make = [](auto* operation) { return make_doing(operation); };
    const auto none = [] { return std::unique_ptr<Doing>(); };
    return with_operation(op, make, none);
}

}  // namespace strata::application::nfs::v4

#pragma once

namespace lodestone
{

/// A function of the entries [begin, end) of a vector, for a callee that calls it before it returns.
///
/// It refers to the callable and copies nothing: std::function would allocate memory at every application of an
/// operator.
class RangeOperation
{
public:
  template <typename Callable>
  RangeOperation(const Callable &callable)
      : callable_(&callable), call_([](const void *object, const unsigned int begin, const unsigned int end) {
          (*static_cast<const Callable *>(object))(begin, end);
        })
  {
  }
  RangeOperation(const RangeOperation &) = delete;
  RangeOperation &operator=(const RangeOperation &) = delete;

  void operator()(const unsigned int begin, const unsigned int end) const { call_(callable_, begin, end); }

private:
  const void *callable_;
  void (*call_)(const void *, unsigned int, unsigned int);
};

} // namespace lodestone

// The single-operation models of ane-rules 4.1: 751K plan_iso_all.tsv, M4, macOS 27.0.1, default
// input fp16 1x64x32x32. Every row says whether the ANE was in the list of supported devices.
#include "ane/eligibility.hpp"
#include "unit/ane/program.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace anecompat {
namespace {

using ane::ChipFamily;
using coreml::DataType;
using test::Dims;
using test::Program;
using test::ValueId;

const Dims k_x = {1, 64, 32, 32};

std::shared_ptr<const ane::RuleSet> rules() {
  static const auto k_rules = ane::RuleSet::built_in();
  EXPECT_TRUE(k_rules) << (k_rules ? "" : k_rules.error().to_string());
  return k_rules ? *k_rules : nullptr;
}

// What becomes of the operations of a program, in order.
std::vector<ane::Eligibility> check_all(Program& program, ValueId output,
                                        ChipFamily chip = ChipFamily::h16) {
  const auto graph = program.finish({output});
  const ane::GraphContext context(graph);
  std::vector<ane::Eligibility> results;
  coreml::walk(graph, "", [&](const coreml::OperationSite& site) {
    if (site.op.kind == coreml::OperationKind::compute)
      results.push_back(ane::check(context, site, context.facts(site), chip, *rules()));
  });
  return results;
}

struct Case {
  const char* name;
  bool eligible;
  std::function<ValueId(Program&)> build;  // the operation of interest is the last one
};

void PrintTo(const Case& test_case, std::ostream* out) {
  *out << test_case.name;
}

Case unary(const char* type, bool eligible) {
  return {type, eligible, [type](Program& p) { return p.op(type, {{"x", {p.input(k_x)}}}, k_x); }};
}

Case binary(const char* name, const char* type, bool eligible, Dims y, Dims result = k_x,
            DataType dtype = DataType::float16, Dims x = k_x) {
  return {name, eligible, [=](Program& p) {
            return p.op(type, {{"x", {p.input(x, dtype)}}, {"y", {p.input(y, dtype)}}}, result, {},
                        dtype);
          }};
}

Case relu(const char* name, bool eligible, Dims dims) {
  return {name, eligible, [=](Program& p) { return p.op("relu", {{"x", {p.input(dims)}}}, dims); }};
}

Case conv(const char* name, bool eligible, Dims kernel, Dims x = k_x, Dims result = k_x,
          Program::Parameters parameters = {}, std::int64_t groups = 1, const char* type = "conv") {
  return {name, eligible, [=](Program& p) {
            Dims weight = {64, 64 / groups};
            weight[0] = type == std::string_view("conv") ? result[1] : x[1];
            weight[1] = type == std::string_view("conv") ? x[1] / groups : result[1];
            weight.insert(weight.end(), kernel.begin(), kernel.end());
            auto all = parameters;
            all["groups"] = p.integer(groups);
            return p.op(type, {{"x", {p.input(x)}}, {"weight", {p.weight(weight)}}}, result, all);
          }};
}

Case strided(const char* name, const char* type, Dims kernel, std::int64_t stride) {
  return {name, true, [=](Program& p) {
            Dims weight = {64, 64};
            weight.insert(weight.end(), kernel.begin(), kernel.end());
            return p.op(type, {{"x", {p.input(k_x)}}, {"weight", {p.weight(weight)}}},
                        {1, 64, 32 / stride, 32 / stride}, {{"strides", p.ints({stride, stride})}});
          }};
}

Case pool(const char* name, const char* type, bool eligible, Dims kernel, Dims x = k_x) {
  return {name, eligible, [=](Program& p) {
            return p.op(type, {{"x", {p.input(x)}}}, x,
                        {{"kernel_sizes", p.ints(kernel)}, {"pad_type", p.text("same")}});
          }};
}

Case reduce(const char* type, bool eligible, DataType dtype = DataType::float16) {
  return {
      type, eligible, [=](Program& p) {
        return p.op(type, {{"x", {p.input(k_x)}}}, {1, 1, 32, 32}, {{"axes", p.ints({1})}}, dtype);
      }};
}

Case matmul(const char* name, bool eligible, Dims x, Dims y, Dims result,
            DataType dtype = DataType::float16) {
  return binary(name, "matmul", eligible, std::move(y), std::move(result), dtype, std::move(x));
}

Case moved(const char* name, const char* type, Dims result,
           std::function<Program::Parameters(Program&)> parameters, Dims x = k_x) {
  return {name, true, [=](Program& p) {
            return p.op(type, {{"x", {p.input(x)}}}, result, parameters(p));
          }};
}

Case compared(const char* type) {
  return {type, true, [type](Program& p) {
            const auto mask = p.op(type, {{"x", {p.input(k_x)}}, {"y", {p.input(k_x)}}}, k_x, {},
                                   DataType::boolean);
            return p.op("cast", {{"x", {mask}}}, k_x, {{"dtype", p.text("fp16")}});
          }};
}

Case cast(const char* name, bool eligible, DataType from, DataType to) {
  return {name, eligible, [=](Program& p) {
            return p.op("cast", {{"x", {p.input(k_x, from)}}}, k_x, {}, to);
          }};
}

Program::Parameters none(Program&) {
  return {};
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto* type : {"abs",
                           "atan",
                           "batch_norm",
                           "ceil",
                           "clip",
                           "cos",
                           "elu",
                           "erf",
                           "exp",
                           "exp2",
                           "floor",
                           "gelu",
                           "sigmoid_hard",
                           "instance_norm",
                           "inverse",
                           "l2_norm",
                           "layer_norm",
                           "leaky_relu",
                           "linear_activation",
                           "log",
                           "relu",
                           "relu6",
                           "round",
                           "rsqrt",
                           "scaled_tanh",
                           "sigmoid",
                           "sign",
                           "silu",
                           "sin",
                           "softplus",
                           "softsign",
                           "sqrt",
                           "square",
                           "tanh",
                           "thresholded_relu",
                           "prelu",
                           "softmax",
                           "local_response_norm",
                           "reverse",
                           "fill_like"})
    all.push_back(unary(type, true));
  for (const auto* type : {"acos",          "asin",
                           "atanh",         "cosh",
                           "sinh",          "tan",
                           "mod",           "cumsum",
                           "argsort",       "sliding_windows",
                           "band_part",     "one_hot",
                           "scatter",       "scatter_along_axis",
                           "random_normal", "non_zero",
                           "range_1d",      "lstm",
                           "gru",           "rnn",
                           "crop_resize",   "reduce_prod"})
    all.push_back(unary(type, false));
  for (const auto* type :
       {"add", "sub", "mul", "real_div", "maximum", "minimum", "floor_div", "pow"})
    all.push_back(binary(type, type, true, k_x));
  all.push_back(binary("add_bc_ch", "add", true, {1, 64, 1, 1}));
  all.push_back(binary("add_bc_hw", "add", true, {1, 1, 32, 32}));
  all.push_back(binary("add_bc_w", "add", true, {1, 1, 1, 32}));
  all.push_back(binary("add_bc_batch", "add", true, k_x, {4, 64, 32, 32}, DataType::float16,
                       {4, 64, 32, 32}));
  all.push_back(
      binary("add_bc_both", "add", true, {1, 1, 32, 1}, k_x, DataType::float16, {1, 64, 1, 32}));
  all.push_back(binary("add_i32", "add", false, k_x, k_x, DataType::int32));
  all.push_back(binary("mul_i32", "mul", false, k_x, k_x, DataType::int32));
  all.push_back(binary("add_f32", "add", false, k_x, k_x, DataType::float32));
  for (const auto* type : {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"})
    all.push_back(compared(type));
  all.push_back(
      {"logical_and", true, [](Program& p) {
         const auto x = p.input(k_x);
         const auto y = p.input(k_x);
         const auto a = p.op("greater", {{"x", {x}}, {"y", {y}}}, k_x, {}, DataType::boolean);
         const auto b = p.op("greater", {{"x", {y}}, {"y", {x}}}, k_x, {}, DataType::boolean);
         return p.op("logical_and", {{"x", {a}}, {"y", {b}}}, k_x, {}, DataType::boolean);
       }});
  all.push_back(
      {"select", true, [](Program& p) {
         const auto x = p.input(k_x);
         const auto y = p.input(k_x);
         const auto mask = p.op("greater", {{"x", {x}}, {"y", {y}}}, k_x, {}, DataType::boolean);
         return p.op("select", {{"cond", {mask}}, {"a", {x}}, {"b", {y}}}, k_x);
       }});
  all.push_back(cast("cast_f16_f32", true, DataType::float16, DataType::float32));
  all.push_back(cast("cast_f32_f16", true, DataType::float32, DataType::float16));
  all.push_back(cast("cast_f16_i32", false, DataType::float16, DataType::int32));
  all.push_back(cast("cast_i32_f16", false, DataType::int32, DataType::float16));
  all.push_back(cast("cast_f16_i8", false, DataType::float16, DataType::int8));

  all.push_back(relu("relu_r1", true, {65536}));
  all.push_back(relu("relu_r2", true, {256, 256}));
  all.push_back(relu("relu_r3", true, {4, 128, 128}));
  all.push_back(relu("relu_r5", true, {1, 4, 16, 32, 32}));
  for (const std::int64_t n : {2, 4, 8, 16, 64})
    all.push_back(relu("relu_n", true, {n, 64, 32, 32}));
  for (const std::int64_t w : {16384, 16385, 65536})
    all.push_back(relu("relu_w", true, {1, 1, 1, w}));
  all.push_back(relu("relu_c65536", true, {1, 65536, 1, 1}));
  all.push_back(relu("relu_h65536", true, {1, 1, 65536, 1}));
  all.push_back(relu("relu_w65537", false, {1, 1, 1, 65537}));
  all.push_back(relu("relu_c65537", false, {1, 65537, 1, 1}));
  all.push_back(relu("relu_h65537", false, {1, 1, 65537, 1}));
  all.push_back(relu("relu_r6", false, {1, 2, 2, 2, 2, 2}));  // ane-rules 2.3 rank

  for (const auto& kernel :
       std::vector<Dims>{{1, 1}, {3, 3}, {7, 7}, {13, 13}, {14, 14}, {15, 15}, {16, 16}})
    all.push_back(conv("conv_square", true, kernel));
  for (std::int64_t k = 9; k <= 15; ++k)
    all.push_back(conv("conv_1xk", true, {1, k}));
  for (const std::int64_t k : {16, 17, 24, 31, 32, 64})
    all.push_back(conv("conv_1xk_wide", false, {1, k}));
  for (const std::int64_t k : {16, 25, 28, 31})
    all.push_back(conv("conv_kx1", true, {k, 1}));
  for (const std::int64_t k : {32, 64})
    all.push_back(conv("conv_kx1_high", false, {k, 1}));
  all.push_back(conv("conv_k17", false, {17, 17}));
  for (const std::int64_t groups : {2, 4, 8, 16, 32, 64})
    all.push_back(conv("conv_groups", true, {3, 3}, k_x, k_x, {}, groups));
  all.push_back(conv("conv1d", true, {3}, {1, 64, 1024}, {1, 64, 1024}));
  all.push_back(conv("conv3d", true, {3, 3, 3}, {1, 16, 8, 16, 16}, {1, 16, 8, 16, 16}));
  for (const std::int64_t stride : {2, 4, 8})
    all.push_back(strided("conv_stride", "conv", {5, 5}, stride));
  all.push_back({"conv3x3_d2", true, [](Program& p) {
                   return p.op("conv",
                               {{"x", {p.input(k_x)}}, {"weight", {p.weight({64, 64, 3, 3})}}}, k_x,
                               {{"dilations", p.ints({2, 2})}});
                 }});
  all.push_back(
      {"conv_dynw", true, [](Program& p) {
         return p.op("conv", {{"x", {p.input(k_x)}}, {"weight", {p.input({64, 64, 1, 1})}}}, k_x);
       }});
  for (const auto& kernel : std::vector<Dims>{{2, 2}, {3, 3}}) {
    all.push_back({"conv_transpose", true, [kernel](Program& p) {
                     return p.op("conv_transpose",
                                 {{"x", {p.input(k_x)}},
                                  {"weight", {p.weight({64, 64, kernel[0], kernel[1]})}}},
                                 {1, 64, 64, 64}, {{"strides", p.ints({2, 2})}});
                   }});
  }
  all.push_back(
      conv("conv_transpose_1d", true, {4}, {1, 64, 1024}, {1, 64, 1024}, {}, 1, "conv_transpose"));
  all.push_back(conv("conv_transpose_3d", true, {2, 2, 2}, {1, 16, 8, 16, 16}, {1, 16, 8, 16, 16},
                     {}, 1, "conv_transpose"));

  all.push_back({"linear", true, [](Program& p) {
                   return p.op("linear",
                               {{"x", {p.input({128, 256})}}, {"weight", {p.weight({512, 256})}}},
                               {128, 512});
                 }});
  all.push_back(matmul("matmul_dyn", true, {1, 8, 128, 64}, {1, 8, 64, 128}, {1, 8, 128, 128}));
  all.push_back(matmul("matmul_bc", true, {1, 8, 128, 64}, {1, 1, 64, 128}, {1, 8, 128, 128}));
  for (const std::int64_t k : {16384, 16385, 32768})
    all.push_back(matmul("matmul_k", true, {1, 16, k}, {1, k, 16}, {1, 16, 16}));
  for (const std::int64_t k : {40000, 49152, 65535, 65536})
    all.push_back(matmul("matmul_k_large", false, {1, 16, k}, {1, k, 16}, {1, 16, 16}));
  all.push_back(matmul("matmul_i32", false, {16, 16}, {16, 16}, {16, 16}, DataType::int32));
  all.push_back(
      {"sdpa", true, [](Program& p) {
         const Dims dims = {1, 8, 128, 64};
         return p.op(
             "scaled_dot_product_attention",
             {{"query", {p.input(dims)}}, {"key", {p.input(dims)}}, {"value", {p.input(dims)}}},
             dims);
       }});
  all.push_back({"sdpa_mask", true, [](Program& p) {
                   const Dims dims = {1, 8, 128, 64};
                   return p.op("scaled_dot_product_attention",
                               {{"query", {p.input(dims)}},
                                {"key", {p.input(dims)}},
                                {"value", {p.input(dims)}},
                                {"attn_mask", {p.input({1, 1, 128, 128})}}},
                               dims);
                 }});

  for (const std::int64_t k : {2, 4, 5, 7, 8, 9, 13, 14})
    all.push_back(pool("avg_pool", "avg_pool", true, {k, k}));
  all.push_back(pool("avg_pool_3d", "avg_pool", true, {2, 2, 2}, {1, 16, 8, 16, 16}));
  for (const std::int64_t k : {3, 4, 5, 7, 8})
    all.push_back(pool("max_pool", "max_pool", true, {k, k}));
  all.push_back(pool("max_pool_9x1", "max_pool", true, {9, 1}));
  for (const std::int64_t k : {9, 13, 14, 15})
    all.push_back(pool("max_pool_large", "max_pool", false, {k, k}));
  all.push_back(pool("max_pool_1x9", "max_pool", false, {1, 9}));
  all.push_back(pool("l2_pool", "l2_pool", true, {2, 2}));

  for (const auto* type :
       {"reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_l1_norm", "reduce_l2_norm",
        "reduce_sum_square", "reduce_log_sum", "reduce_log_sum_exp"})
    all.push_back(reduce(type, true));
  all.push_back(reduce("reduce_argmax", false, DataType::int32));
  all.push_back(reduce("reduce_argmin", false, DataType::int32));

  all.push_back(moved("reshape", "reshape", {64, 1024}, [](Program& p) {
    return Program::Parameters{{"shape", p.ints({64, 1024})}};
  }));
  all.push_back(moved("reshape_r5", "reshape", {1, 4, 16, 32, 32}, [](Program& p) {
    return Program::Parameters{{"shape", p.ints({1, 4, 16, 32, 32})}};
  }));
  all.push_back(moved("transpose", "transpose", {1, 64, 32, 32}, [](Program& p) {
    return Program::Parameters{{"perm", p.ints({0, 1, 3, 2})}};
  }));
  all.push_back(moved("expand_dims", "expand_dims", {1, 1, 64, 32, 32}, [](Program& p) {
    return Program::Parameters{{"axes", p.ints({0})}};
  }));
  all.push_back(moved("squeeze", "squeeze", {64, 32, 32}, [](Program& p) {
    return Program::Parameters{{"axes", p.ints({0})}};
  }));
  all.push_back(moved("slice_w_stride2", "slice_by_index", {1, 64, 32, 16}, [](Program& p) {
    return Program::Parameters{{"begin", p.ints({0, 0, 0, 0})},
                               {"end", p.ints({1, 64, 32, 32})},
                               {"stride", p.ints({1, 1, 1, 2})}};
  }));
  all.push_back(moved("slice_by_size", "slice_by_size", {1, 16, 32, 32}, [](Program& p) {
    return Program::Parameters{{"begin", p.ints({0, 0, 0, 0})}, {"size", p.ints({1, 16, 32, 32})}};
  }));
  all.push_back(moved("tile", "tile", {1, 128, 32, 64}, [](Program& p) {
    return Program::Parameters{{"reps", p.ints({1, 2, 1, 2})}};
  }));
  for (const auto* mode : {"constant", "reflect", "replicate"})
    all.push_back(moved("pad", "pad", {1, 64, 36, 36}, [mode](Program& p) {
      return Program::Parameters{{"pad", p.ints({2, 2, 2, 2})}, {"mode", p.text(mode)}};
    }));
  all.push_back(moved("pad_channel", "pad", {1, 68, 32, 32}, [](Program& p) {
    return Program::Parameters{{"pad", p.ints({2, 2, 0, 0, 0, 0})}};
  }));
  for (const auto* type : {"depth_to_space", "space_to_depth"})
    all.push_back(moved(type, type, {1, 16, 64, 64}, [](Program& p) {
      return Program::Parameters{{"block_size", p.integer(2)}};
    }));
  all.push_back(moved("pixel_shuffle", "pixel_shuffle", {1, 16, 64, 64}, [](Program& p) {
    return Program::Parameters{{"upscale_factor", p.integer(2)}};
  }));
  all.push_back(moved("pixel_unshuffle", "pixel_unshuffle", {1, 256, 16, 16}, [](Program& p) {
    return Program::Parameters{{"downscale_factor", p.integer(2)}};
  }));
  all.push_back(moved("space_to_batch", "space_to_batch", {4, 64, 16, 16}, [](Program& p) {
    return Program::Parameters{{"block_shape", p.ints({2, 2})}};
  }));
  all.push_back(moved("batch_to_space", "batch_to_space", k_x,
                      [](Program& p) {
                        return Program::Parameters{{"block_shape", p.ints({2, 2})}};
                      },
                      {4, 64, 16, 16}));
  for (const auto* type : {"upsample_nearest_neighbor", "upsample_bilinear", "resize_bilinear",
                           "resize_nearest_neighbor", "resize", "affine"})
    all.push_back(moved(type, type, {1, 64, 64, 64}, none));
  all.push_back({"resample", true, [](Program& p) {
                   return p.op("resample",
                               {{"x", {p.input(k_x)}}, {"coordinates", {p.input({1, 32, 32, 2})}}},
                               k_x);
                 }});
  all.push_back({"concat_c", true, [](Program& p) {
                   return p.op("concat", {{"values", {p.input(k_x), p.input(k_x)}}},
                               {1, 128, 32, 32}, {{"axis", p.integer(1)}});
                 }});
  all.push_back({"stack", true, [](Program& p) {
                   return p.op("stack", {{"values", {p.input(k_x), p.input(k_x)}}},
                               {2, 1, 64, 32, 32}, {{"axis", p.integer(0)}});
                 }});
  all.push_back({"split", true, [](Program& p) {
                   return p.op_many(
                       "split", {{"x", {p.input(k_x)}}},
                       {{{1, 32, 32, 32}, DataType::float16}, {{1, 32, 32, 32}, DataType::float16}},
                       {{"num_splits", p.integer(2)}, {"axis", p.integer(1)}})[0];
                 }});
  all.push_back({"slice_dyn", false, [](Program& p) {
                   return p.op("slice_by_size",
                               {{"x", {p.input(k_x)}}, {"begin", {p.input({4}, DataType::int32)}}},
                               {1, 16, 32, 32}, {{"size", p.ints({1, 16, 32, 32})}});
                 }});

  for (const std::int64_t axis : {1, 3})
    all.push_back({"gather_const", true, [axis](Program& p) {
                     return p.op("gather", {{"x", {p.input(k_x)}}}, {1, 16, 32, 32},
                                 {{"indices", p.ints({1, 2, 3})}, {"axis", p.integer(axis)}});
                   }});
  all.push_back({"gather_dyn", false, [](Program& p) {
                   return p.op("gather",
                               {{"x", {p.weight({1000, 256})}},
                                {"indices", {p.input({64}, DataType::int32)}}},
                               {64, 256});
                 }});
  all.push_back(
      {"gather_int16", false, [](Program& p) {
         const auto indices =
             p.op("cast", {{"x", {p.input({64}, DataType::int32)}}}, {64}, {}, DataType::int16);
         return p.op("gather", {{"x", {p.weight({1000, 256})}}, {"indices", {indices}}}, {64, 256});
       }});
  for (const auto* type : {"gather_along_axis", "gather_nd"})
    all.push_back(
        {type, true, [type](Program& p) {
           return p.op(type, {{"x", {p.input(k_x)}}, {"indices", {p.input(k_x, DataType::int32)}}},
                       k_x);
         }});
  for (const std::int64_t k : {4, 40})
    all.push_back({"topk", true, [k](Program& p) {
                     return p.op_many("topk", {{"x", {p.input({1, 32000})}}},
                                      {{{1, k}, DataType::float16}, {{1, k}, DataType::int32}},
                                      {{"k", p.integer(k)}})[0];
                   }});
  all.push_back(
      {"q_dq", true, [](Program& p) {
         const auto q = p.op("quantize", {{"input", {p.input(k_x)}}}, k_x, {}, DataType::int8);
         return p.op("dequantize", {{"input", {q}}}, k_x);
       }});
  all.push_back({"quantize_i8", false, [](Program& p) {
                   return p.op("quantize", {{"input", {p.input(k_x)}}}, k_x, {}, DataType::int8);
                 }});
  return all;
}

class SingleOp : public testing::TestWithParam<Case> {};

TEST_P(SingleOp, is_eligible_as_measured_on_h16) {
  Program program;
  const auto output = GetParam().build(program);
  const auto results = check_all(program, output);
  ASSERT_FALSE(results.empty());
  const auto& result = results.back();
  EXPECT_EQ(result.ane, GetParam().eligible)
      << (result.reason ? result.reason->code + ": " + result.reason->message : "");
  EXPECT_EQ(result.reason.has_value(), !result.may_be_placed());
  // Everything in front of the operation of interest in an eligible case is eligible, too.
  for (const auto& earlier : results)
    EXPECT_TRUE(earlier.ane || !GetParam().eligible) << earlier.reason->message;
}

INSTANTIATE_TEST_SUITE_P(Iso, SingleOp, testing::ValuesIn(cases()), [](const auto& instance) {
  return std::string(instance.param.name) + "_" + std::to_string(instance.index);
});

// ane-rules 2.13: operations without a GPU kernel.
TEST(SingleOpGpu, kernels_that_the_gpu_lacks) {
  for (const auto* type :
       {"resize", "affine", "crop_resize", "non_zero", "range_1d", "sliding_windows"}) {
    Program program;
    const auto output = program.op(type, {{"x", {program.input(k_x)}}}, k_x);
    EXPECT_FALSE(check_all(program, output).back().gpu) << type;
  }
  Program program;
  EXPECT_TRUE(
      check_all(program, program.op("lstm", {{"x", {program.input(k_x)}}}, k_x)).back().gpu);
}

struct ChipCase {
  const char* what;
  std::function<ValueId(Program&)> build;
  std::vector<ChipFamily> off;
};

// Issue: limits differ by chip (ane-rules 3.2).
TEST(SingleOpChips, limits_differ_by_chip) {
  using enum ChipFamily;
  const std::vector<ChipCase> table = {
      {"width 20000", relu("", true, {1, 1, 1, 20000}).build, {h13, h14, h15}},
      {"sin", unary("sin", true).build, {h13, h14}},
      {"cos", unary("cos", true).build, {h13, h14}},
      {"resample", unary("resample", true).build, {h13}},
      {"affine", unary("affine", true).build, {h13}},
      {"conv 14", conv("", true, {14, 14}).build, {h13}},
      {"conv 15", conv("", true, {1, 15}).build, {h13}},
      {"conv 13", conv("", true, {13, 13}).build, {}},
      {"conv height 30", conv("", true, {30, 1}).build, {h13}},
      {"max_pool 9", pool("", "max_pool", true, {9, 9}).build, {h16, h17, h18}},
      {"max_pool 14", pool("", "max_pool", true, {14, 14}).build, {h13, h14, h15, h16, h17, h18}},
      {"linear 32000 over 8 positions",
       [](Program& p) {
         return p.op("linear", {{"x", {p.input({8, 256})}}, {"weight", {p.weight({32000, 256})}}},
                     {8, 32000});
       },
       {h13, h14, h15}},
      {"linear 32000 at one position",
       [](Program& p) {
         return p.op("linear", {{"x", {p.input({1, 256})}}, {"weight", {p.weight({32000, 256})}}},
                     {1, 32000});
       },
       {}},
  };
  for (const auto& row : table) {
    for (const auto chip : ane::k_chip_families) {
      Program program;
      const auto output = row.build(program);
      const bool off = std::ranges::find(row.off, chip) != row.off.end();
      EXPECT_EQ(check_all(program, output, chip).back().ane, !off)
          << row.what << " on " << ane::to_string(chip);
    }
  }
}

TEST(SingleOpMessages, say_the_number_and_the_limit) {
  Program program;
  const auto output = conv("", false, {17, 17}).build(program);
  const auto result = check_all(program, output).back();
  ASSERT_TRUE(result.reason);
  EXPECT_EQ(result.reason->code, "kernel-limit");
  EXPECT_EQ(result.reason->message, "kernel width 17: at most 15 on h16");
  EXPECT_EQ(result.confidence, ane::Confidence::high);
}

}  // namespace
}  // namespace anecompat

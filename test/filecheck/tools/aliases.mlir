// RUN: tt-opt %s --print-debuginfo | filecheck %s
// RUN: tt-opt %s --print-debuginfo | tt-opt --print-debuginfo | filecheck %s

// Aliases may be used before they are defined; what has no location gets its place in the file.

module @m {
  func.func @f(%x: !t loc(#loc1), %y: !t loc("y")) -> !t {
    %0 = "ttir.add"(%x, %y) : (!t, !t) -> !t loc(#loc2)
    %1 = "ttir.relu"(%0) : (!t) -> !t loc("a":1:2 to :7)
    %2 = "ttir.exp"(%1) : (!t) -> !t
    return %2 : !t loc(unknown)
  } loc(fused<"kept">[#loc1, callsite(#loc2 at "main.py":3:4)])
} loc(#loc)
!t = tensor<2xf32>
#loc = loc("model.py":0:0)
#loc2 = loc("add_1"(#loc1))
#loc1 = loc("model.py":10:5)

// CHECK:      builtin.module @m {
// CHECK-NEXT:   func.func @f(%x: tensor<2xf32> loc("model.py":10:5), %y: tensor<2xf32> loc("y")) -> tensor<2xf32> {
// CHECK-NEXT:     %0 = "ttir.add"(%x, %y) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> loc("add_1"("model.py":10:5))
// CHECK-NEXT:     %1 = "ttir.relu"(%0) : (tensor<2xf32>) -> tensor<2xf32> loc("a":1:2 to :7)
// CHECK-NEXT:     %2 = "ttir.exp"(%1) : (tensor<2xf32>) -> tensor<2xf32> loc("{{.*}}aliases.mlir":10:10)
// CHECK-NEXT:     func.return %2 : tensor<2xf32> loc(unknown)
// CHECK-NEXT:   } loc(fused<"kept">["model.py":10:5, callsite("add_1"("model.py":10:5) at "main.py":3:4)])
// CHECK-NEXT: } loc("model.py":0:0)

"""The families, by name. A new family is one file in one of the folders here, and one line below."""

from data_synth.families.charts.bar_chart import BarChart
from data_synth.families.charts.function_plot import FunctionPlot
from data_synth.families.charts.line_chart import LineChart
from data_synth.families.charts.share_chart import ShareChart
from data_synth.families.charts.table_lookup import TableLookup
from data_synth.families.diagrams.circuits import Circuits
from data_synth.families.diagrams.flow_state import FlowState
from data_synth.families.diagrams.instruments import Instruments
from data_synth.families.diagrams.light_mirror import LightMirror
from data_synth.families.diagrams.line_follow import LineFollow
from data_synth.families.diagrams.mechanisms import Mechanisms
from data_synth.families.diagrams.weighted_graph import WeightedGraph
from data_synth.families.geometry.angle_chase import AngleChase
from data_synth.families.geometry.circle_geometry import CircleGeometry
from data_synth.families.geometry.length_area import LengthArea
from data_synth.families.geometry.solids import Solids
from data_synth.families.grids.grid_puzzle import GridPuzzle
from data_synth.families.grids.grid_sim import GridSim
from data_synth.families.grids.patterns import Patterns
from data_synth.families.pages.code_page import CodePage
from data_synth.families.pages.data_page import DataPage
from data_synth.families.pages.expression import Expression
from data_synth.families.pages.receipt import Receipt
from data_synth.families.pages.screen_page import ScreenPage
from data_synth.families.pages.word_page import WordPage
from data_synth.families.scenes.overlap import Overlap
from data_synth.families.scenes.scene_arith import SceneArith
from data_synth.families.scenes.scene_count import SceneCount
from data_synth.families.scenes.scene_query import SceneQuery
from data_synth.families.scenes.spatial_rel import SpatialRel
from data_synth.family import Family

FAMILIES: dict[str, Family] = {
    "scene_count": SceneCount(),
    "scene_arith": SceneArith(),
    "spatial_rel": SpatialRel(),
    "scene_query": SceneQuery(),
    "overlap": Overlap(),
    "bar_chart": BarChart(),
    "line_chart": LineChart(),
    "share_chart": ShareChart(),
    "function_plot": FunctionPlot(),
    "table_lookup": TableLookup(),
    "angle_chase": AngleChase(),
    "circle_geometry": CircleGeometry(),
    "length_area": LengthArea(),
    "solids": Solids(),
    "flow_state": FlowState(),
    "line_follow": LineFollow(),
    "light_mirror": LightMirror(),
    "mechanisms": Mechanisms(),
    "weighted_graph": WeightedGraph(),
    "circuits": Circuits(),
    "instruments": Instruments(),
    "grid_sim": GridSim(),
    "grid_puzzle": GridPuzzle(),
    "patterns": Patterns(),
    "expression": Expression(),
    "word_page": WordPage(),
    "receipt": Receipt(),
    "code_page": CodePage(),
    "data_page": DataPage(),
    "screen_page": ScreenPage(),
}
